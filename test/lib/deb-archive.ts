import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lock, run } from '@apt-ostree/run';
import { TOP } from './checkout.ts';

const archive = join(TOP, 'build/deb');

/**
 * The archive of `npm run deb`, with what it puts beside docs/examples/host.yaml. Several runs of tests use it at once, so it
 * is made as make(1) would: by the first that asks, where something of the checkout is newer.
 */
export async function debArchive(): Promise<string> {
  mkdirSync(join(TOP, 'build'), { recursive: true });
  const held = await lock(`${archive}.lock`);
  try {
    if (!isCurrent()) await run('node', ['scripts/deb.mjs'], { cwd: TOP });
    return archive;
  } finally {
    await held.release();
  }
}

function isCurrent(): boolean {
  const made = ['InRelease', '../../docs/examples/apt-ostree.sources', '../../docs/examples/host.sources'];
  if (!made.every((name) => existsSync(join(archive, name)))) return false;
  return newest(TOP) < lstatSync(join(archive, 'InRelease')).mtimeMs;
}

/** When something was last changed below a directory, apart from what is made, and what packages do not have. */
function newest(directory: string): number {
  const times = readdirSync(directory, { withFileTypes: true })
    .filter(
      (entry) => !/^(\.git|build|node_modules|dist|test|apt-ostree\.(asc|sources)|host\.sources)$/.test(entry.name),
    )
    .map((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? newest(path) : lstatSync(path).mtimeMs;
    });
  return Math.max(0, ...times);
}
