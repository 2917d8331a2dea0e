import { AotError } from '@apt-ostree/errors';
import { ostree } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';

/** A key that can sign, under the name that it was given. */
export interface GpgKey {
  name: string;
  /** Long ids of the key and its subkeys, any of which may have made a signature. */
  ids: string[];
}

/**
 * Finds the keys before anything is written: ostree looks for them only when it signs.
 * @throws AotError `noInput` for a key that cannot sign here
 */
export async function findKeys(names: readonly string[], homedir: string | undefined): Promise<GpgKey[]> {
  const keys: GpgKey[] = [];
  for (const name of names) keys.push({ name, ids: await secretIds(name, homedir) });
  return keys;
}

async function secretIds(name: string, homedir: string | undefined): Promise<string[]> {
  const home = homedir === undefined ? [] : ['--homedir', homedir];
  const args = ['--batch', '--no-tty', '--with-colons', '--list-secret-keys', '--', name];
  const { exitCode, stdout } = await run('gpg', [...home, ...args], { ok: 'any' });
  const ids = [...stdout.matchAll(/^(?:sec|ssb):(?:[^:]*:){3}([0-9A-F]{16}):/gm)].map(([, id]) => id as string);
  if (exitCode === 0 && ids.length > 0) return ids;
  throw new AotError(
    'noInput',
    `cannot find a secret key '${name}'${homedir === undefined ? '' : ` in '${homedir}'`}`,
    {
      code: 'no-key',
      hint:
        homedir === undefined
          ? 'name the directory that has it with --gpg-homedir'
          : `'gpg --homedir ${homedir} --list-secret-keys' lists what is there`,
    },
  );
}

/** The long ids of the keys that have signed a commit. */
export async function signersOf(repo: string, commit: string): Promise<string[]> {
  const shown = await ostree(repo, ['show', commit], `cannot read the signatures of '${commit}'`);
  return [...shown.matchAll(/using \S+ key ID ([0-9A-F]{16})/g)].map(([, id]) => id as string);
}
