import { inContainer, type Lint } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';

const MODULES = 'usr/lib/modules';
const UNIFIED = 'boot/EFI/Linux';

/** Directories of kernels, where both libostree and bootc look. */
export const kernels = (tree: LintTree): string[] =>
  tree
    .list(MODULES)
    .map((version) => `${MODULES}/${version}`)
    .filter((directory) => tree.isDirectory(directory) && tree.at(`${directory}/vmlinuz`));

export const kernel: Lint = {
  name: 'kernel',
  severity: 'error',
  summary: 'there is not more than one kernel in /usr/lib/modules',
  check({ tree }) {
    const found = kernels(tree);
    return found.length < 2 ? [] : [`there are ${found.length} kernels: ${found.map((k) => `/${k}`).join(', ')}`];
  },
};

export const kernelMissing: Lint = {
  name: 'kernel-missing',
  severity: 'error',
  summary: 'there is a kernel: /usr/lib/modules/VERSION/vmlinuz, or a unified kernel image in /boot/EFI/Linux',
  skips: inContainer,
  check: ({ tree }) =>
    kernels(tree).length > 0 || tree.list(UNIFIED).some((name) => name.endsWith('.efi'))
      ? []
      : [`there is no kernel in /${MODULES}, which is where it is looked for`],
};

export const initramfsMissing: Lint = {
  name: 'initramfs-missing',
  severity: 'error',
  summary: 'a kernel has its initramfs beside it, as initramfs.img',
  skips: inContainer,
  check: ({ tree }) =>
    kernels(tree)
      .filter((directory) => tree.at(`${directory}/initramfs.img`) === undefined)
      .map((directory) => `there is no /${directory}/initramfs.img`),
};
