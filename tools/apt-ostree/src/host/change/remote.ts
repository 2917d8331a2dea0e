import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { type KeyFile, parseKeyFile } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';

/**
 * Holds a remote against what this machine can do.
 * @throws AotError `noInput` where there is no such remote, `failed` where it wants signatures that libostree here cannot verify
 */
export async function requireRemote(repo: string, remote: string): Promise<void> {
  const { stdout } = await run('ostree', ['remote', 'list', `--repo=${repo}`], { what: 'cannot list the remotes' });
  const there = stdout.split('\n').filter((line) => line !== '');
  if (!there.includes(remote))
    throw new AotError('noInput', `cannot find remote '${remote}'`, {
      hint: there.length > 0 ? `there is ${there.map((r) => `'${r}'`).join(', ')}` : "'ostree remote add' adds one",
      code: 'no-such-remote',
    });
  if (wantsEd25519(signVerify(repo, remote)) && !(await canEd25519()))
    throw new AotError('failed', `cannot verify commits of remote '${remote}': it wants ed25519 signatures`, {
      hint: "this machine's libostree was built without them ('ostree --version' lists sign-ed25519 where it can); use GPG",
      code: 'no-ed25519',
    });
}

/** The key `sign-verify` of a remote, in the repository or in /etc (ostree.repo-config(5)). */
function signVerify(repo: string, remote: string): string {
  const inEtc = join(repo, '../../etc/ostree/remotes.d');
  const files = [join(repo, 'config'), ...list(inEtc).map((name) => join(inEtc, name))];
  return files.map((file) => read(file)[`remote "${remote}"`]?.['sign-verify']).find((v) => v !== undefined) ?? '';
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.conf')) : [];
}

function read(file: string): KeyFile {
  try {
    return parseKeyFile(readFileSync(file, 'utf8'), file);
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
}

/** `true` means every kind of signature that libostree knows. */
export const wantsEd25519 = (signVerify: string): boolean => /^(true|ed25519)$|\bed25519\b/.test(signVerify);

async function canEd25519(): Promise<boolean> {
  const { stdout } = await run('ostree', ['--version']);
  return /^\s*- sign-ed25519$/m.test(stdout);
}
