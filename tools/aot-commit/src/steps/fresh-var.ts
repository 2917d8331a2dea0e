import type { Layout } from '../layout.ts';

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

/**
 * The /var of a commit: the targets of the root's links and the links to the package state, nothing else. libostree from
 * 2024.3 on copies it to a machine whose /var is empty; everywhere else it is only seen in a checkout.
 */
export function freshVar({ tree, settings }: Layout, stateLinks: ReadonlyMap<string, string>): void {
  const links = ['var/run', 'var/lock'].filter((p) => tree.isLink(p)).map((p) => [p, tree.readLink(p)] as const);
  tree.remove('var');
  for (const [path, mode] of Object.entries(SHIPPED)) {
    const only = path === 'var/opt' || path === 'var/usrlocal';
    if (!only || settings.optUsrlocal === 'var') tree.mkdir(path, { mode });
  }
  for (const [path, target] of [...links, ...stateLinks]) tree.symlink(target, path);
}
