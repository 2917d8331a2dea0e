import { statSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { layerCommit, ostree, type Tree } from '@apt-ostree/ostree';
import type { Layout } from '../layout.ts';

/** Where a layer is put before its files take their places. */
const COPY = '.aot-layer';

export interface LayerSource {
  /** Where the refs are. */
  repo: string;
  /** The package cache, a bare repository: where it is on the file system of the tree, files are linked. */
  cache: string;
}

/**
 * Puts the trees of the treefile's `ostree-layers` over the packages: a path that is there with another content is a
 * conflict. Those of `ostree-override-layers` replace what is there.
 */
export async function layers(layout: Layout, source: LayerSource): Promise<void> {
  for (const ref of layout.settings.layers) await putOver(layout, source, ref, false);
  for (const ref of layout.settings.overrideLayers) await putOver(layout, source, ref, true);
}

async function putOver({ tree, signal }: Layout, source: LayerSource, ref: string, override: boolean): Promise<void> {
  const what = `cannot put layer '${ref}' over the packages`;
  const commit = await layerCommit(source.repo, ref);
  await ostree(source.cache, ['pull-local', '--disable-fsync', source.repo, commit], what, signal);
  const checkOut = (options: string[], place: string) =>
    ostree(source.cache, ['checkout', '--fsync=0', ...options, commit, place], what, signal);
  try {
    if (statSync(source.cache).dev === statSync(tree.root).dev) {
      await checkOut(['--require-hardlinks', override ? '--union' : '--union-identical'], tree.root);
    } else {
      await checkOut([], join(tree.root, COPY)); // libostree compares only what it links
      merge(tree, COPY, '', override);
    }
    if (tree.isDirectory('usr/etc')) merge(tree, 'usr/etc', 'etc', override);
  } catch (error) {
    throw conflict(error, what);
  }
}

/** Moves all of a directory into another. A layer's defaults for /etc may be in /usr/etc, as in a commit; here they belong in /etc. */
function merge(tree: Tree, from: string, to: string, override: boolean): void {
  for (const name of tree.list(from)) {
    const [source, target] = [`${from}/${name}`, to === '' ? name : `${to}/${name}`];
    if (tree.isDirectory(source) && tree.isDirectory(target)) merge(tree, source, target, override);
    else if (!tree.exists(target)) tree.rename(source, target);
    else if (!override && !same(tree, source, target)) throw new AotError('failed', `'/${target}' is there already`);
    else {
      tree.remove(target);
      tree.rename(source, target);
    }
  }
  tree.remove(from);
}

function same(tree: Tree, a: string, b: string): boolean {
  if (tree.isLink(a) || tree.isLink(b))
    return tree.isLink(a) && tree.isLink(b) && tree.readLink(a) === tree.readLink(b);
  const [x, y] = [tree.readBytes(a), tree.readBytes(b)];
  const owner = (path: string) => [tree.lstat(path)?.mode, tree.lstat(path)?.uid, tree.lstat(path)?.gid].join(':');
  return x !== undefined && y !== undefined && x.equals(y) && owner(a) === owner(b);
}

function conflict(error: unknown, what: string): unknown {
  if (!(error instanceof AotError) || error.exit === 74) return error;
  const text = error.message.startsWith(what) ? error.message : `${what}: ${error.message}`;
  return new AotError('failed', text, {
    hint: 'leave out one of the two, or name the ref in ostree-override-layers',
    code: 'layer-conflict',
    cause: error,
  });
}
