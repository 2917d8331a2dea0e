import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { readRemotes } from './remotes.ts';

/**
 * Holds a remote against what this machine can do.
 * @throws AotError `noInput` where there is no such remote, `failed` where it wants signatures that libostree here cannot verify
 */
export async function requireRemote(repo: string, remote: string): Promise<void> {
  const remotes = readRemotes(repo);
  const keys = remotes.get(remote);
  if (keys === undefined) {
    const there = [...remotes.keys()].sort().map((name) => `'${name}'`);
    throw new AotError('noInput', `cannot find remote '${remote}'`, {
      hint: there.length > 0 ? `there is ${there.join(', ')}` : "'ostree remote add' adds one",
      code: 'no-such-remote',
    });
  }
  if (wantsEd25519(keys['sign-verify'] ?? '') && !(await canEd25519()))
    throw new AotError('failed', `cannot verify commits of remote '${remote}': it wants ed25519 signatures`, {
      hint: "this machine's libostree was built without them ('ostree --version' lists sign-ed25519 where it can); use GPG",
      code: 'no-ed25519',
    });
}

/** `true` means every kind of signature that libostree knows. */
export const wantsEd25519 = (signVerify: string): boolean => /^(true|ed25519)$|\bed25519\b/.test(signVerify);

async function canEd25519(): Promise<boolean> {
  const { stdout } = await run('ostree', ['--version']);
  return /^\s*- sign-ed25519$/m.test(stdout);
}
