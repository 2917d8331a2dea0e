import { run } from '@apt-ostree/run';

/**
 * One string of a commit's metadata.
 * @param revision a checksum or a ref
 * @returns undefined when repository, commit or member is not there
 */
export async function metadataString(repo: string, revision: string, key: string): Promise<string | undefined> {
  const args = ['show', `--repo=${repo}`, `--print-metadata-key=${key}`, revision];
  const { exitCode, stdout } = await run('ostree', args, { ok: 'any' });
  return exitCode === 0 ? /^'([^'\\]*)'$/.exec(stdout.trim())?.[1] : undefined;
}
