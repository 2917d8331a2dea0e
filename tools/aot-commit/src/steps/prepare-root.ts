import type { Layout } from '../layout.ts';

const FILE = 'usr/lib/ostree/prepare-root.conf';

/**
 * Tells ostree-prepare-root how to mount the deployment; it reads this in the initramfs, so the file must be there before
 * dracut runs. A libostree built without composefs goes on with `maybe` and stops the boot with `yes`; one older than
 * 2023.1 does not know the file, and its tree is mounted the old way.
 */
export function prepareRoot({ tree }: Layout): void {
  if (!tree.exists('usr/lib/ostree/ostree-prepare-root')) return;
  if (tree.exists(FILE) || tree.exists('etc/ostree/prepare-root.conf')) return;
  tree.write(FILE, '[composefs]\nenabled = maybe\n\n[sysroot]\nreadonly = true\n');
}
