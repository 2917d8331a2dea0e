import type { Tree } from '@apt-ostree/ostree';
import { type InTree, type Keep, nothing } from './in-tree.ts';

/** Places that links of the root, or programs before systemd-tmpfiles has run, expect. */
const SHIPPED: Record<string, number> = {
  'var/home': 0o755,
  'var/lib': 0o755,
  'var/mnt': 0o755,
  'var/opt': 0o755,
  'var/roothome': 0o700,
  'var/srv': 0o755,
  'var/tmp': 0o1777,
  'var/usrlocal': 0o755,
};

export interface FreshVar {
  /** Where package state is found, as `packageState` hands them back. */
  links: ReadonlyMap<string, string>;
  /** Whether /opt and /usr/local are the machine's. */
  optInVar: boolean;
  /** What stays as it is. */
  kept?: Keep;
}

/**
 * The /var of a commit: the targets of the root's links and the links to the package state, nothing else. libostree from
 * 2024.3 on copies it to a machine whose /var is empty; everywhere else it is only seen in a checkout.
 */
export function freshVar({ tree }: InTree, { links: stateLinks, optInVar, kept = nothing }: FreshVar): void {
  const links = ['var/run', 'var/lock'].filter((p) => tree.isLink(p)).map((p) => [p, tree.readLink(p)] as const);
  emptyBut(tree, 'var', kept);
  for (const [path, mode] of Object.entries(SHIPPED)) {
    const only = path === 'var/opt' || path === 'var/usrlocal';
    if (!only || optInVar) tree.mkdir(path, { mode });
  }
  for (const [path, target] of [...links, ...stateLinks]) tree.symlink(target, path);
}

/** Removes what is in a directory, and the directory unless something stays in it. @returns whether anything does */
function emptyBut(tree: Tree, path: string, kept: Keep): boolean {
  const inside = tree.isDirectory(path) ? tree.list(path).map((name) => `${path}/${name}`) : [];
  const stays = inside.map((child) => kept(child) || emptyBut(tree, child, kept)).includes(true);
  if (!stays) tree.remove(path);
  return stays;
}
