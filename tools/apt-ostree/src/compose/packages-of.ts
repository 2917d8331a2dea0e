import type { Package } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';

/** The packages that a commit's metadata lists (`aptostree.packages`); undefined where it lists none. */
export async function packagesOf(repo: string, revision: string): Promise<Package[] | undefined> {
  const args = ['show', `--repo=${repo}`, '--print-metadata-key=aptostree.packages', revision];
  const { exitCode, stdout } = await run('ostree', args, { ok: 'any' });
  return exitCode === 0 ? parsePackages(stdout) : undefined;
}

/** Reads GVariant's text form of a list of string tuples that begin with name, version and architecture. */
export function parsePackages(text: string): Package[] {
  return [...text.matchAll(/\(([^()]*)\)/g)].flatMap(([, tuple = '']) => {
    const [name, version, architecture] = [...tuple.matchAll(/'([^']*)'/g)].map((m) => m[1]);
    return name && version && architecture ? [{ name, version, architecture }] : [];
  });
}
