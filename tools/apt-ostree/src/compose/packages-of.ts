import { run } from '@apt-ostree/run';
import type { Installed } from './package-difference.ts';

/** The packages that a commit's metadata lists (`aptostree.packages`); undefined where it lists none. */
export async function packagesOf(repo: string, revision: string): Promise<Installed[] | undefined> {
  const args = ['show', `--repo=${repo}`, '--print-metadata-key=aptostree.packages', revision];
  const { exitCode, stdout } = await run('ostree', args, { ok: 'any' });
  return exitCode === 0 ? parsePackages(stdout) : undefined;
}

/** Reads GVariant's text form of a list of string tuples that begin with name, version and architecture. */
export function parsePackages(text: string): Installed[] {
  return [...text.matchAll(/\(([^()]*)\)/g)].flatMap(([, tuple = '']) => {
    const [name, version, architecture] = [...tuple.matchAll(/'([^']*)'/g)].map((m) => m[1]);
    return name && version && architecture ? [{ name, version, architecture }] : [];
  });
}
