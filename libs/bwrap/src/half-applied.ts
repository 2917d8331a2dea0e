import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';

/** The marker stands beside the tree, not in it: it must never be committed. */
const markerOf = (rootfs: string): string => join(dirname(rootfs), `.${basename(rootfs)}.half-applied`);

/** Tells one directory from a later one of the same name. */
const identity = (rootfs: string): string => {
  const { dev, ino, birthtimeMs } = statSync(rootfs);
  return `${dev}:${ino}:${birthtimeMs}\n`;
};

/** Runs `work`, and leaves a marker beside the tree unless it came to its end. */
export async function markedWhile(rootfs: string, work: () => Promise<void>): Promise<void> {
  writeFileSync(markerOf(rootfs), identity(rootfs));
  await work();
  rmSync(markerOf(rootfs));
}

/**
 * Refuses a tree whose last change was cut short: part of it is before, part of it is after. A marker of an earlier tree
 * of that name is removed.
 * @throws AotError `data` (half-applied)
 */
export function refuseHalfApplied(rootfs: string): void {
  let marker: string;
  try {
    marker = readFileSync(markerOf(rootfs), 'utf8');
  } catch {
    return;
  }
  if (marker !== identity(rootfs)) {
    rmSync(markerOf(rootfs));
    return;
  }
  throw new AotError('data', `cannot use tree '${rootfs}': an earlier run was cut short while it changed the tree`, {
    code: 'half-applied',
    hint: 'make the tree again with aot-unpack',
  });
}
