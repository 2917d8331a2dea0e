import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { namesIn } from '@apt-ostree/run';
import { readCommit } from './read-commit.ts';

const CHECKSUM = /^[0-9a-f]{64}$/;
const REFSPEC = /^(?:([\w][-._\w]*):)?([-._\w]+(?:\/[-._\w]+)*)$/;

/**
 * The commit that a revision names, as libostree resolves it: a full checksum, a ref (`BRANCH` or `REMOTE:BRANCH`), an
 * abbreviated checksum; each `^` behind it stands for the parent.
 * @throws AotError `noInput` when nothing in the repository has that name
 */
export function resolveRevision(repo: string, revision: string): string {
  if (!revision.endsWith('^')) return resolve(repo, revision);
  const child = resolveRevision(repo, revision.slice(0, -1));
  const { parent } = readCommit(repo, child);
  if (parent === undefined) {
    throw new AotError('noInput', `cannot find '${revision}' in '${repo}': the commit '${child}' has no parent`);
  }
  return parent;
}

function resolve(repo: string, revision: string): string {
  if (CHECKSUM.test(revision)) return revision;
  const found = findRef(repo, revision) ?? abbreviated(repo, revision);
  if (found !== undefined) return found;
  throw new AotError('noInput', `cannot find '${revision}' in '${repo}'`, {
    code: 'no-revision',
    hint: `'ostree refs --repo=${repo}' lists what is there`,
  });
}

function findRef(repo: string, revision: string): string | undefined {
  const [, remote, branch] = REFSPEC.exec(revision) ?? [];
  if (branch === undefined || branch.split('/').some((part) => part === '.' || part === '..')) return undefined;
  const places =
    remote === undefined
      ? ['heads', 'remotes', ...mirrors(repo)].map((place) => `${place}/${branch}`)
      : [`remotes/${remote}/${branch}`];
  for (const place of places) {
    const commit = readRef(join(repo, 'refs', place));
    if (commit !== undefined) return commit;
  }
  return undefined;
}

/** Refs of collections, one directory for each. */
const mirrors = (repo: string): string[] => namesIn(join(repo, 'refs/mirrors')).map((name) => `mirrors/${name}`);

function readRef(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw explain(error, `cannot read the ref '${file}'`);
  }
  if (CHECKSUM.test(text)) return text;
  throw new AotError('data', `cannot use the ref '${file}': it holds no checksum`);
}

function abbreviated(repo: string, revision: string): string | undefined {
  if (!/^[0-9a-f]{2,63}$/.test(revision)) return undefined;
  const start = revision.slice(0, 2);
  const names = namesIn(join(repo, 'objects', start)).filter((n) => n.endsWith('.commit'));
  const found = names.map((n) => start + n.slice(0, -'.commit'.length)).filter((c) => c.startsWith(revision));
  if (found.length > 1) {
    throw new AotError('noInput', `cannot tell which commit '${revision}' is: ${found.length} begin with it`);
  }
  return found[0];
}
