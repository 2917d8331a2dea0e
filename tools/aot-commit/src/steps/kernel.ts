import { AotError } from '@apt-ostree/errors';
import { layeredOn } from '@apt-ostree/manifest';
import type { Tree } from '@apt-ostree/ostree';
import { installed } from '../installed.ts';
import type { Layout } from '../layout.ts';
import { inTree } from '../sandbox.ts';

const MODULES = 'usr/lib/modules';

/** Debian's names in /boot, and libostree's beside the modules. */
const FILES: Record<string, string> = {
  'vmlinuz-': 'vmlinuz',
  'vmlinux-': 'vmlinuz',
  'config-': 'config',
  'System.map-': 'System.map',
};

/**
 * Puts the one kernel where libostree and bootc look for it, /usr/lib/modules/$kver/vmlinuz, and empties /boot, which
 * belongs to the boot loader.
 * @returns its version, or undefined with `container: true`
 */
export async function kernel(layout: Layout): Promise<string | undefined> {
  const { tree, settings } = layout;
  if (settings.container) return undefined;
  const kver = only(current(layout, kernels(tree)), layout);
  for (const [prefix, name] of Object.entries(FILES)) {
    const from = `boot/${prefix}${kver}`;
    if (tree.isFile(from)) tree.rename(from, `${MODULES}/${kver}/${name}`);
  }
  emptyBoot(layout, kver);
  removeOtherModules(tree, kver);
  if (!tree.exists(`${MODULES}/${kver}/modules.dep.bin`)) {
    const what = `cannot index the modules of kernel '${kver}'`;
    await inTree(layout, ['depmod', kver], { write: true, what });
  }
  return kver;
}

/** Versions of the kernels in /boot or beside their modules already. */
function kernels(tree: Tree): string[] {
  const inBoot = tree.list('boot').flatMap((n) => (/^vmlinu[xz]-(.+)$/.exec(n)?.[1] ?? []) as string | []);
  const inPlace = tree.list(MODULES).filter((n) => tree.isFile(`${MODULES}/${n}/vmlinuz`));
  return [...new Set([...inBoot, ...inPlace])].sort();
}

/** A layer may replace the kernel of its base, whose image is beside its modules, where no package knows of it. */
function current({ tree, manifest }: Layout, found: string[]): string[] {
  if (manifest.base === undefined || found.length < 2) return found;
  const owned = new Set(installed(tree).flatMap((p) => p.paths));
  return found.filter((kver) => owned.has(`boot/vmlinuz-${kver}`) || owned.has(`boot/vmlinux-${kver}`));
}

function only(found: string[], layout: Layout): string {
  const [kver, ...more] = found;
  if (kver === undefined) {
    throw new AotError('failed', 'cannot find a kernel in the tree', {
      hint: "add a kernel package such as 'linux-image-cloud-amd64', or set 'container: true' for a tree that is not booted",
      code: 'no-kernel',
    });
  }
  if (more.length > 0) {
    throw new AotError('failed', `cannot commit more than one kernel: ${found.map((v) => `'${v}'`).join(', ')}`, {
      hint: wayOut(layout, found),
      code: 'several-kernels',
    });
  }
  return kver;
}

/** The kernel of a base is beside its modules already. */
function wayOut({ tree, manifest }: Layout, found: readonly string[]): string {
  const one = 'an OSTree deployment has exactly one';
  if (layeredOn(manifest) === undefined) return `${one}; leave out the others with exclude-packages`;
  const ofBase = found.find((kver) => tree.isFile(`${MODULES}/${kver}/vmlinuz`));
  const owner = installed(tree).find((p) => p.paths.includes(`boot/vmlinuz-${ofBase}`));
  return `${one}; 'apt-ostree override remove ${owner?.name ?? `linux-image-${ofBase}`}' takes out the base's`;
}

function emptyBoot({ tree, warn }: Layout, kver: string): void {
  const expected = new Set([`initrd.img-${kver}`, 'grub', 'efi', 'EFI']);
  const surprising = tree.list('boot').filter((name) => !expected.has(name));
  if (surprising.length > 0)
    warn(`'/boot' is empty in a commit: left out ${surprising.map((n) => `'${n}'`).join(', ')}`);
  tree.remove('boot');
  tree.mkdir('boot');
}

/** Directories of modules without a kernel: left by headers or by a removed package. */
function removeOtherModules(tree: Tree, kver: string): void {
  for (const name of tree.list(MODULES)) {
    if (name !== kver && tree.isDirectory(`${MODULES}/${name}`)) tree.remove(`${MODULES}/${name}`);
  }
}
