import { chmodSync, chownSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';

/** So many names fit into the arguments of a command. */
const BATCH = 1000;

/** On the overlay, where renames are. */
const STAGING = 'usr/.apt-ostree-';

/** Removes what a run left that was killed while it copied. */
export function sweepStaging(root: string): void {
  const names = readdirSync(join(root, 'usr')).map((name) => `usr/${name}`);
  dropPaths(
    root,
    names.filter((path) => path.startsWith(STAGING)),
  );
}

/**
 * Puts paths below /usr of one tree into another, each by one rename after all are copied, so that a library that is replaced is never
 * missing. A directory replaces all that was there.
 * @param from the root of the tree that has them
 * @param paths below both
 */
export async function putPaths(from: string, to: string, paths: readonly string[], signal: AbortSignal): Promise<void> {
  if (paths.length === 0) return;
  const staging = making(() => mkdtempSync(join(to, STAGING)));
  try {
    for (let i = 0; i < paths.length; i += BATCH) {
      const args = ['--archive', '--parents', `--target-directory=${staging}`, '--', ...paths.slice(i, i + BATCH)];
      await run('cp', args, { cwd: from, what: 'cannot copy the files of the new commit', signal });
    }
    for (const path of paths) making(() => replace(join(staging, path), join(to, path)));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function replace(file: string, by: string): void {
  const isDirectory = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (isDirectory(by) || (isDirectory(file) && lstatSync(by, { throwIfNoEntry: false })))
    rmSync(by, { recursive: true });
  renameSync(file, by);
}

export function dropPaths(tree: string, paths: readonly string[]): void {
  for (const path of paths) making(() => rmSync(join(tree, path), { recursive: true, force: true }));
}

/** Gives directories the owner and mode that they have in another tree. */
export function likeIn(from: string, to: string, directories: readonly string[]): void {
  for (const path of directories) {
    const { uid, gid, mode } = lstatSync(join(from, path));
    making(() => {
      chownSync(join(to, path), uid, gid);
      chmodSync(join(to, path), mode & 0o7777);
    });
  }
}

function making<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error, 'cannot write to the overlay of /usr');
  }
}
