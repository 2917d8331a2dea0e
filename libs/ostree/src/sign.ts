import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { ostree } from './ostree.ts';

export interface Signatures {
  /** Key ids for GPG. */
  gpg: readonly string[];
  gpgHomedir: string | undefined;
  /** File with a base64 ed25519 secret key. */
  ed25519: string | undefined;
}

/**
 * Refuses before anything is written what libostree cannot do.
 * @throws AotError `os` for ed25519 where `ostree --version` does not list it, as Debian 12 and 13 do not
 */
export async function checkSignatures({ ed25519 }: Signatures): Promise<void> {
  if (ed25519 === undefined) return;
  const { stdout } = await run('ostree', ['--version']);
  if (/^\s*- sign-ed25519\s*$/m.test(stdout)) return;
  throw new AotError('os', "cannot sign with ed25519: this machine's libostree is built without it", {
    hint: 'sign with --gpg-sign, or use a libostree whose `ostree --version` lists sign-ed25519',
    code: 'no-ed25519',
  });
}

/** Adds signatures to a commit, in its detached metadata: its checksum stays. */
export async function sign(repo: string, commit: string, keys: Signatures): Promise<void> {
  const what = `cannot sign commit '${commit}'`;
  if (keys.gpg.length > 0) {
    const home = keys.gpgHomedir === undefined ? [] : [`--gpg-homedir=${keys.gpgHomedir}`];
    await ostree(repo, ['gpg-sign', ...home, commit, ...keys.gpg], what);
  }
  if (keys.ed25519 !== undefined) {
    await ostree(repo, ['sign', '--sign-type=ed25519', `--keys-file=${keys.ed25519}`, commit], what);
  }
}
