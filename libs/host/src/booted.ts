import { existsSync, readFileSync, statSync } from 'node:fs';
import { readGvariant } from '@apt-ostree/ostree';

const MARK = '/run/ostree-booted';

/**
 * Tells the deployment that we run in, as libostree does: the system says that it was booted, the sysroot is its root, and
 * the deployment's directory is that root (with composefs, where the root is an image, the directory named in the mark).
 * @returns undefined where nothing of this sysroot runs
 */
export function findBooted(sysroot: string): { isIt(directory: string): boolean } | undefined {
  if (!existsSync(MARK) || !same(inode(sysroot), inode('/'))) return undefined;
  const root = backing() ?? inode('/');
  return { isIt: (directory) => same(inode(directory), root) };
}

type Inode = [device: bigint, inode: bigint];

const same = (a: Inode | undefined, b: Inode | undefined): boolean =>
  a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];

function inode(path: string): Inode | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && [stat.dev, stat.ino];
}

/** An old initramfs makes the mark an empty file. */
function backing(): Inode | undefined {
  const mark = readFileSync(MARK);
  if (mark.length === 0) return undefined;
  const pair = (readGvariant('a{sv}', mark) as Record<string, unknown>)['backing-root-device-inode'];
  return Array.isArray(pair) ? [BigInt(pair[0]), BigInt(pair[1])] : undefined;
}
