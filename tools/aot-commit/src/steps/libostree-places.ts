import { AotError } from '@apt-ostree/errors';
import type { Tree } from '@apt-ostree/ostree';
import { installed } from '../installed.ts';
import type { Layout } from '../layout.ts';

/** What libostree keeps where on a machine; a deployment could not show anything of its own there. */
const PLACES: Record<string, string> = {
  ostree: 'the deployments',
  sysroot: 'the disk with the deployments',
  'boot/ostree': 'the kernels of the deployments',
  'boot/loader': 'the entries of the boot menu',
};

/** @throws AotError `data` naming what is in such a place, and the packages that ship it */
export function libostreePlaces({ tree }: Layout): void {
  const found = Object.entries(PLACES).flatMap(([place, holds]) => {
    const first = content(tree, place)[0];
    return first === undefined ? [] : [{ path: `${place}/${first}`, why: `/${place} holds ${holds}` }];
  });
  if (found.length === 0) return;
  const [first] = found as [(typeof found)[number]];
  const paths = found.map(({ path }) => `'/${path}'${shippedBy(tree, path)}`).join(', ');
  throw new AotError('data', `cannot commit ${paths}: on a machine, ${first.why}`, {
    hint: `remove the files of '/${first.path}' in a post-process step, or with remove-files`,
    code: 'unsupported-path',
  });
}

/** /ostree is a link in a base; /sysroot/ostree is in images that carry a repository along, and then no package's. */
function content(tree: Tree, place: string): string[] {
  if (tree.isLink(place)) return [];
  return tree
    .list(place)
    .filter((name) => `${place}/${name}` !== 'sysroot/ostree' || shippedBy(tree, 'sysroot/ostree'));
}

function shippedBy(tree: Tree, path: string): string {
  const owners = installed(tree).filter((p) => p.paths.some((own) => own === path || own.startsWith(`${path}/`)));
  return owners.length === 0 ? '' : ` of package ${owners.map(({ name }) => `'${name}'`).join(', ')}`;
}
