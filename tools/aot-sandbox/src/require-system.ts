import { AotError } from '@apt-ostree/errors';
import type { ScriptRun } from '@apt-ostree/manifest';
import { Tree } from '@apt-ostree/ostree';

/** What every system has: a shell for its scripts, and its own name. Debian policy section 10.4; os-release(5). */
const NEEDED = ['bin/sh', 'usr/lib/os-release'];

/**
 * A script may remove anything, and end with 0.
 * @throws AotError `failed` where the tree is no system any more, naming the script that made it so where the record tells
 */
export function requireSystem(rootfs: string, scripts: readonly ScriptRun[]): void {
  const tree = new Tree(rootfs);
  const missing = NEEDED.map((path) => [path, tree.followed(path)] as const).find(([, file]) => !tree.isFile(file));
  if (missing === undefined) return;
  const culprit = scripts.findLast(({ removed }) => missing.some((path) => removed.some((gone) => within(gone, path))));
  const by = culprit === undefined ? '' : `: ${culprit.script} of '${culprit.package}' removed it`;
  throw new AotError('failed', `cannot use the tree: it has no '/${missing[0]}' any more${by}`, {
    code: 'no-system',
    hint: 'mend the script, or leave its package out',
  });
}

const within = (gone: string, path: string): boolean => gone === `/${path}` || `/${path}`.startsWith(`${gone}/`);
