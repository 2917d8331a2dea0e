import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';

/**
 * The commit of a layer that a treefile names.
 * @param repo the repository that has it
 * @throws AotError `noInput` when there is no such ref
 */
export async function layerCommit(repo: string, ref: string): Promise<string> {
  const { exitCode, stdout } = await run('ostree', ['rev-parse', `--repo=${repo}`, ref], { ok: 'any' });
  if (exitCode === 0) return stdout.trim();
  throw new AotError('noInput', `cannot find layer '${ref}' in repository '${repo}'`, {
    hint: 'name the repository that has it with --layer-repo',
  });
}

/**
 * Checksums of the trees of a treefile's layers, for the input hash: a ref that moved to another tree is another input.
 * @param treefile a flattened treefile
 */
export async function layerChecksums(repo: string, treefile: Readonly<Record<string, unknown>>): Promise<string[]> {
  const refs = ['ostree-layers', 'ostree-override-layers'].flatMap((key) => (treefile[key] ?? []) as string[]);
  const sums: string[] = [];
  for (const ref of refs) sums.push(await treeChecksum(repo, ref));
  return sums;
}

async function treeChecksum(repo: string, ref: string): Promise<string> {
  const args = ['show', `--repo=${repo}`, await layerCommit(repo, ref)];
  const { stdout } = await run('ostree', args, { what: `cannot read layer '${ref}'` });
  return /^ContentChecksum: *([0-9a-f]{64})$/m.exec(stdout)?.[1] as string;
}
