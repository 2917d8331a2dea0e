import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryMode } from '@apt-ostree/ostree';
import { listCommit } from './list-commit.ts';

/** How much a repository grows when it takes a commit over from another; hardlinks cost nothing. */
export async function missingBytes(from: string, commit: string, repo: string): Promise<number> {
  if (isLinkable(from, repo)) return 0;
  const entries = await listCommit(from, commit, ['/'], { recursive: true });
  const files = new Map(entries.filter((e) => e.type === '-').map((e) => [e.checksum, e.size]));
  let bytes = 0;
  for (const [checksum, size] of files) if (!existsSync(objectFile(repo, checksum))) bytes += size;
  return bytes;
}

const objectFile = (repo: string, checksum: string): string =>
  join(repo, 'objects', checksum.slice(0, 2), `${checksum.slice(2)}.file`);

/** A sysroot's repository is `bare`. */
const isLinkable = (from: string, repo: string): boolean =>
  statSync(join(from, 'objects')).dev === statSync(join(repo, 'objects')).dev && repositoryMode(from) === 'bare';
