import { AotError } from '@apt-ostree/errors';
import type { Tree } from '@apt-ostree/ostree';
import type { Layout } from '../layout.ts';
import { optUsrlocal } from './opt-usrlocal.ts';

/** Top-level directories that belong to a machine: links into /var. Mode of the place that they point to. */
const INTO_VAR: Record<string, { to: string; mode: number }> = {
  home: { to: 'var/home', mode: 0o755 },
  mnt: { to: 'var/mnt', mode: 0o755 },
  root: { to: 'var/roothome', mode: 0o700 },
  srv: { to: 'var/srv', mode: 0o755 },
};

/**
 * Gives the root its OSTree shape: only /usr and /etc hold the system, everything that a machine writes is in /var, all
 * links are relative. libostree's manual: "Adapting existing mainstream distributions".
 */
export function topLevel(layout: Layout): void {
  const { tree, settings } = layout;
  for (const [from, { to, mode }] of Object.entries(INTO_VAR)) intoVar(tree, from, to, mode);
  media(tree);
  optUsrlocal(layout);
  tree.mkdir('sysroot');
  tree.mkdir('boot');
  tree.symlink('sysroot/ostree', 'ostree');
  if (!settings.tmpIsDir) {
    tree.remove('tmp');
    tree.symlink('sysroot/tmp', 'tmp');
  }
}

/** The directories of the root whose content is going to be in /var, and where. */
export const movedIntoVar = (tree: Tree): [from: string, to: string][] =>
  Object.entries(INTO_VAR).flatMap(([from, { to }]) => (tree.isLink(from) ? [] : [[from, to]]));

/** Moves a directory with its content below /var and leaves a link; a link that a package made stays. */
export function intoVar(tree: Tree, from: string, to: string, mode: number): void {
  if (tree.isLink(from)) return;
  if (tree.isDirectory(to) && tree.list(to).length === 0) tree.remove(to);
  if (tree.isDirectory(from) && !tree.exists(to)) tree.rename(from, to);
  else if (tree.list(from).length > 0) throw occupied(from, to);
  tree.remove(from);
  tree.mkdir(to, { mode });
  tree.symlink(`${'../'.repeat(from.split('/').length - 1)}${to}`, from);
}

/** /run is empty at every boot, so nothing can be shipped below /media. */
function media(tree: Tree): void {
  if (tree.isLink('media')) return;
  const left = tree
    .list('media')
    .filter((name) => tree.list(`media/${name}`).length > 0 || !tree.isDirectory(`media/${name}`));
  if (left.length > 0) throw occupied('media', 'run/media');
  tree.symlink('run/media', 'media');
}

const occupied = (from: string, to: string): AotError =>
  new AotError('data', `cannot turn '/${from}' into a link to '/${to}': both have content`, {
    hint: `remove the files of '/${from}' in a post-process step`,
  });
