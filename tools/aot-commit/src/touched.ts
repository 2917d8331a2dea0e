import { layeredOn } from '@apt-ostree/manifest';
import type { Entry } from '@apt-ostree/ostree';
import type { Layout } from './layout.ts';

const INFO = 'var/lib/dpkg/info';

/**
 * What of a tree may have to be put in order, before /etc and /var have moved: all that is below a directory; of a layer,
 * whose base is in order, what its packages brought and its scripts made.
 */
export function touched(layout: Layout, below: string): Iterable<Entry> {
  return layeredOn(layout.manifest) === undefined ? layout.tree.walk(below) : entries(layout, below);
}

function* entries({ tree, manifest }: Layout, below: string): Generator<Entry> {
  const made = manifest.scripts.flatMap((run) => [...run.created, ...run.changed]);
  const brought = manifest.packages.flatMap((p) => listOf(p.name, p.architecture));
  for (const path of new Set([...brought, ...made].map((p) => tree.canonical(p)))) {
    if (below !== '' && !path.startsWith(`${below}/`)) continue;
    const stat = tree.lstat(path);
    if (stat !== undefined) yield { path, stat };
  }

  function listOf(name: string, architecture: string): string[] {
    const text = tree.readText(`${INFO}/${name}.list`) ?? tree.readText(`${INFO}/${name}:${architecture}.list`) ?? '';
    return text.split('\n').flatMap((line) => (line === '' || line === '/.' ? [] : [line.slice(1)]));
  }
}
