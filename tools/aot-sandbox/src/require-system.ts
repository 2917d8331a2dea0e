import { AotError } from '@apt-ostree/errors';
import type { ScriptRun } from '@apt-ostree/manifest';
import { Tree } from '@apt-ostree/ostree';

/** What every system has: a shell for its scripts, and its own name. Debian policy section 10.4; os-release(5). */
const NEEDED = ['bin/sh', 'usr/lib/os-release'];

/**
 * A script may remove anything, and end with 0.
 * @throws AotError `failed`, naming the script, where one has made the tree no system any more
 */
export function requireSystem(rootfs: string, scripts: readonly ScriptRun[]): void {
  const tree = new Tree(rootfs);
  const missing = NEEDED.map((path) => [path, tree.followed(path)] as const).find(([, file]) => !tree.isFile(file));
  if (missing === undefined) return;
  const culprit = scripts.findLast(({ removed }) => missing.some((path) => removed.some((gone) => within(gone, path))));
  if (culprit === undefined) return; // it never was one
  const { script, package: of } = culprit;
  throw new AotError('failed', `cannot use the tree: ${script} of '${of}' removed '/${missing[0]}'`, {
    code: 'no-system',
    hint: 'mend the script, or leave its package out',
  });
}

const within = (gone: string, path: string): boolean => gone === `/${path}` || `/${path}`.startsWith(`${gone}/`);
