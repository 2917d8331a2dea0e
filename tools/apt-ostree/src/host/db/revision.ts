import { isAotError } from '@apt-ostree/errors';
import { type CommitInfo, readCommit, resolveRevision } from '@apt-ostree/ostree';
import { currentRefs } from './refs.ts';
import type { Source } from './source.ts';

/**
 * The commit of a revision: what libostree calls it, else a version.
 * @throws AotError `noInput` that names the revision
 */
export function resolve(source: Source, revision: string): string {
  const found = resolveKnown(source, revision);
  return found ?? resolveRevision(source.repo, revision); // says why not
}

/** The same; undefined where nothing has that name. */
export function resolveKnown(source: Source, revision: string): string | undefined {
  try {
    return resolveRevision(source.repo, revision);
  } catch (error) {
    if (isAotError(error) && error.code === 'no-revision') return ofVersion(source, revision);
    throw error;
  }
}

/** The newest commit with that version among deployments, branches and what came before them. */
function ofVersion({ repo, sysroot }: Source, version: string): string | undefined {
  const heads = [...(sysroot?.deployments.map((d) => d.checksum) ?? []), ...currentRefs(repo)];
  const seen = new Set<string>();
  let newest: CommitInfo | undefined;
  for (const head of heads) {
    for (const commit of history(repo, head, seen)) {
      if (commit.version === version && commit.timestamp >= (newest?.timestamp ?? 0)) newest = commit;
    }
  }
  return newest?.checksum;
}

/** A commit and its ancestors, as far as they are here: a pull brings only so many of them. */
function* history(repo: string, head: string, seen: Set<string>): Generator<CommitInfo> {
  for (let next: string | undefined = head; next !== undefined && !seen.has(next); ) {
    seen.add(next);
    const commit = readIfThere(repo, next);
    if (commit) yield commit;
    next = commit?.parent;
  }
}

function readIfThere(repo: string, checksum: string): CommitInfo | undefined {
  try {
    return readCommit(repo, checksum);
  } catch (error) {
    if (isAotError(error) && error.code === 'no-commit') return undefined;
    throw error;
  }
}
