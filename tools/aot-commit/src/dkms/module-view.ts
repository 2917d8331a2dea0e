import type { Tree } from '@apt-ostree/ostree';
import { type Installed, installed } from '../installed.ts';
import { closure, View } from '../view/view.ts';
import { type Added, STATE } from './added.ts';
import { signingFiles } from './signing.ts';

/**
 * The part of a tree that a module is built in: DKMS, the headers, the package of the source and what it recommends, all
 * that these depend on, and the Essential packages. The kernel's own package and its dependencies have no part in it.
 */
export function moduleView(tree: Tree, kver: string, module: Added): string[] {
  const packages = installed(tree).filter((p) => !p.paths.includes(`boot/vmlinuz-${kver}`));
  const view = new View(tree);
  view.addPackages(closure(packages, seeds(tree, packages, kver, module)));
  for (const path of [module.source, 'etc/dkms', ...signingFiles(tree), ...stateOf(tree, module)]) view.addBelow(path);
  view.addLinks();
  return view.sorted();
}

function seeds(tree: Tree, packages: readonly Installed[], kver: string, { source }: Added): Installed[] {
  const needed = [`usr/lib/modules/${kver}/build`, 'usr/sbin/dkms', `${source}/dkms.conf`].map((p) =>
    tree.canonical(p),
  );
  const owners = packages.filter((p) => p.paths.some((path) => needed.includes(path)));
  const recommended = new Set(owners.flatMap((p) => p.recommends));
  return packages.filter(
    (p) => p.essential || owners.includes(p) || [p.name, ...p.provides].some((name) => recommended.has(name)),
  );
}

/** What DKMS knows of the module, and of those that it needs what was built and their sources, which it reads again. */
const stateOf = (tree: Tree, { name, version, needs }: Added): string[] => [
  `${STATE}/${name}/${version}`,
  ...needs.flatMap((need) => [`${STATE}/${need}`, ...sourcesOf(tree, need)]),
];

const sourcesOf = (tree: Tree, name: string): string[] =>
  tree.list(`${STATE}/${name}`).map((version) => tree.followed(`${STATE}/${name}/${version}/source`));
