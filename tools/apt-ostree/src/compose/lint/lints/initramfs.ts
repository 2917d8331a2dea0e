import { PREPARE_ROOT_CONF } from '@apt-ostree/host';
import { type Initramfs, readInitramfs } from '../initramfs.ts';
import { inContainer, type Lint, type Subject } from '../lint.ts';
import type { LintTree } from '../lint-tree.ts';
import { kernels } from './kernel.ts';

/** Either finds the deployment and makes it the root. */
const FINDERS = ['usr/lib/ostree/ostree-prepare-root', 'usr/lib/bootc/initramfs-setup'];

const read = new WeakMap<LintTree, Map<string, Promise<Initramfs>>>();

/** Two lints look into the same image: it is uncompressed once. */
function contentOf(tree: LintTree, path: string): Promise<Initramfs> {
  const known = read.get(tree) ?? new Map<string, Promise<Initramfs>>();
  read.set(tree, known);
  const content = known.get(path) ?? readInitramfs(tree.bytes(path) ?? new Uint8Array(0), PREPARE_ROOT_CONF);
  known.set(path, content);
  return content;
}

async function eachInitramfs(
  subject: Subject,
  judge: (content: Initramfs, path: string) => string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const directory of kernels(subject.tree)) {
    const path = `${directory}/initramfs.img`;
    if (subject.tree.at(path) === undefined) continue; // initramfs-missing says so
    try {
      found.push(...judge(await contentOf(subject.tree, path), path));
    } catch (error) {
      found.push(`cannot read /${path}: ${(error as Error).message}`);
    }
  }
  return found;
}

export const initramfsOstree: Lint = {
  name: 'initramfs-ostree',
  severity: 'error',
  summary: 'the initramfs has ostree-prepare-root, or the initramfs-setup of bootc, which find the deployment',
  skips: inContainer,
  check: (subject) =>
    eachInitramfs(subject, ({ names }, path) =>
      FINDERS.some((finder) => names.has(finder)) ? [] : [`/${path} has neither ${FINDERS.join(' nor ')}`],
    ),
};

export const initramfsPrepareRoot: Lint = {
  name: 'initramfs-prepare-root',
  severity: 'error',
  summary: 'the initramfs has the same prepare-root.conf as the tree: the one in the initramfs is what counts',
  skips: inContainer,
  check(subject) {
    const own = PREPARE_ROOT_CONF.map((path) => subject.tree.text(path)).find((text) => text !== undefined);
    return eachInitramfs(subject, ({ contents }, path) => {
      const inside = PREPARE_ROOT_CONF.map((conf) => contents.get(conf)?.toString()).find((text) => text !== undefined);
      if (inside === own) return [];
      if (inside === undefined) return [`/${path} has no prepare-root.conf`];
      return [`the prepare-root.conf in /${path} is not the one of the tree: the initramfs was made before it`];
    });
  },
};
