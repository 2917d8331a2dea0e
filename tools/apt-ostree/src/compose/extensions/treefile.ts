import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { Extensions, LoadedTreefile } from '@apt-ostree/treefile';

/** What of the base's treefile says where packages come from, and which. */
const OF_BASE = [
  ...[
    'basearch',
    'releasever',
    'repovars',
    'repos',
    'machine-repos',
    'trusted-repos',
    'exclude-packages',
    'recommends',
  ],
] as const;

/**
 * Brings the sources of the base and of the extensions, with their keys, into one directory, since what a treefile names
 * is beside it.
 * @returns writes a treefile there that asks for packages, and returns its path
 */
export function prepareTreefile(
  { treefile, inputs, sourceRoot }: LoadedTreefile,
  extensions: Extensions,
  directory: string,
): (name: string, packages: readonly string[]) => string {
  const own = inputs.filter(({ use }) => use === 'archive').map(({ path }) => path);
  const added = extensions.inputs.map(({ path }) => path).filter((path) => !own.includes(path));
  copy(own, sourceRoot, directory);
  copy(added, extensions.directory, directory);
  const values = treefile as unknown as Record<string, unknown>;
  const taken = Object.fromEntries(OF_BASE.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])));
  const repos = [...new Set([...(treefile.repos ?? []), ...extensions.repos])];
  const usesMachine = (treefile.repos ?? []).length === 0 || treefile['machine-repos'] === true;
  const sources = repos.length === 0 ? {} : { repos, 'machine-repos': usesMachine };
  return (name, packages) => {
    const path = join(directory, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, JSON.stringify({ ...taken, ...sources, packages, container: true }));
    return path;
  };
}

function copy(paths: readonly string[], from: string, to: string): void {
  for (const path of paths) {
    if (path.split('/').includes('..')) throw new AotError('config', `cannot use '${path}': it is outside`);
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
  }
}
