import { installedStanzas } from '@apt-ostree/dpkg';
import type { Package } from '@apt-ostree/host';
import { Tree } from '@apt-ostree/ostree';

/** The packages that dpkg has installed in this root. */
export function installedPackages(tree = new Tree('/')): Package[] {
  return installedStanzas(tree.readText('var/lib/dpkg/status') ?? '').map((s) => ({
    name: s.get('Package') ?? '',
    version: s.get('Version') ?? '',
    architecture: s.get('Architecture') ?? '',
  }));
}
