import { chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CommitInfo, FILE_SIZES, readCommit } from '@apt-ostree/ostree';
import { makeDirectories, run, temporaryDirectory } from '@apt-ostree/run';
import type { Initramfs } from './kernel.ts';

/** Of a commit whose initramfs was changed on this host: what with, as JSON. */
const KEY = 'aptostree.initramfs';

/** What makes an initramfs another: the commit it was taken from, and one of the changes. */
export interface Change {
  on: string;
  /** Made here, with these arguments for dracut. */
  regenerate?: readonly string[];
  /** The digest of the archive that was added. */
  etc?: string;
}

/** The change that made a commit; undefined for one with the initramfs that it came with. */
export function changeOf({ metadata }: CommitInfo): Change | undefined {
  const text = metadata[KEY];
  return typeof text === 'string' ? (JSON.parse(text) as Change) : undefined;
}

/** The commit, and those that it was made from by such changes; the last has the initramfs that it came with. */
export function chain(repo: string, commit: string): [string, ...string[]] {
  const on = changeOf(readCommit(repo, commit))?.on;
  return on === undefined ? [commit] : [commit, ...chain(repo, on)];
}

/** The commit with the initramfs that it came with. */
export const withoutOwnInitramfs = (repo: string, commit: string): string => chain(repo, commit).at(-1) as string;

/** Commits the same tree with another initramfs. The same change gives the same commit. */
export async function derive(repo: string, change: Change, initramfs: Initramfs): Promise<string> {
  const before = readCommit(repo, change.on);
  const scratch = await temporaryDirectory(tmpdir());
  try {
    const tree = join(scratch.path, 'tree');
    const file = join(tree, initramfs.path);
    makeDirectories(dirname(file));
    for (let at = dirname(file); at.startsWith(tree); at = dirname(at)) chmodSync(at, 0o755);
    writeFileSync(file, initramfs.bytes);
    chmodSync(file, 0o600); // what is in /etc may be secret
    const { stdout } = await run(
      'ostree',
      ['commit', `--repo=${repo}`, ...words(before, change), `--tree=dir=${tree}`],
      {
        what: 'cannot commit the initramfs',
      },
    );
    return stdout.trim();
  } finally {
    await scratch.remove();
  }
}

const words = (before: CommitInfo, change: Change): string[] => [
  ...['--orphan', `--base=${change.on}`, `--parent=${change.on}`, `--timestamp=@${before.timestamp}`],
  ...kept(before).map((key) => `--keep-metadata=${key}`),
  ...(before.metadata['aptostree.base-commit'] === undefined
    ? [`--add-metadata-string=aptostree.base-commit=${change.on}`]
    : ['--keep-metadata=aptostree.base-commit']),
  '--add-metadata=aptostree.clientlayer=true',
  `--add-metadata-string=${KEY}=${JSON.stringify(change)}`,
];

/** A digest of the image that composefs mounts would be another's, and sizes are for those who pull. */
const kept = ({ metadata }: CommitInfo): string[] =>
  Object.keys(metadata).filter(
    (key) =>
      !/^ostree\.composefs/.test(key) &&
      ![KEY, FILE_SIZES, 'aptostree.base-commit', 'aptostree.clientlayer'].includes(key),
  );
