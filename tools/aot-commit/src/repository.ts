import { AotError } from '@apt-ostree/errors';
import { isRepository } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';

/** The commit that a ref or an abbreviated checksum names; undefined when there is none. */
export async function revision(repo: string, rev: string): Promise<string | undefined> {
  if (!isRepository(repo)) return undefined;
  const result = await run('ostree', [`--repo=${repo}`, 'rev-parse', rev], { ok: 'any' });
  if (result.exitCode === 0) return result.stdout.trim();
  if (/Refspec .* not found|No such metadata object|not found/i.test(result.stderr)) return undefined;
  throw new AotError('data', `cannot read repository '${repo}': ${result.stderr.trim().replace(/^error: /, '')}`, {
    hint: "check it with 'ostree fsck'",
    code: 'broken-repository',
  });
}

/** A string in the metadata of a commit; undefined when it has none by that name. */
export async function metadataString(repo: string, commit: string, key: string): Promise<string | undefined> {
  const result = await run('ostree', [`--repo=${repo}`, 'show', `--print-metadata-key=${key}`, commit], { ok: 'any' });
  const quoted = result.exitCode === 0 ? result.stdout.trim() : '';
  return /^'.*'$/.test(quoted) ? quoted.slice(1, -1).replace(/\\(.)/g, '$1') : undefined;
}

/** The text of a file in a commit; undefined when it is not there. */
export async function fileInCommit(repo: string, commit: string, path: string): Promise<string | undefined> {
  const result = await run('ostree', [`--repo=${repo}`, 'cat', commit, `/${path}`], { ok: 'any' });
  return result.exitCode === 0 ? result.stdout : undefined;
}
