import { posix } from 'node:path';
import type { Tree } from '@apt-ostree/ostree';

/** DKMS's own state, by dkms(8): MODULE/VERSION/source leads to the source, MODULE/VERSION/KERNEL/ARCH holds what was built. */
export const STATE = 'var/lib/dkms';

/** A module that DKMS has been told of with `dkms add`. */
export interface Added {
  name: string;
  version: string;
  /** Path of its source in the tree. */
  source: string;
  /** Modules whose built files it needs. */
  needs: readonly string[];
}

/** The modules that DKMS would build by itself for a kernel and has not, each after those that it needs. */
export function addedModules(tree: Tree, kver: string): Added[] {
  const waiting = tree.list(STATE).flatMap((name) => newest(tree, name) ?? []);
  return inOrder(waiting.filter((module) => module.automatic && !isInstalled(tree, module, kver)));
}

interface Found extends Added {
  automatic: boolean;
}

/** Of several versions only one can be installed: DKMS takes the newest. */
function newest(tree: Tree, name: string): Found | undefined {
  const versions = tree.list(`${STATE}/${name}`).filter((v) => tree.isLink(`${STATE}/${name}/${v}/source`));
  const version = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (version === undefined) return undefined;
  const source = tree.followed(`${STATE}/${name}/${version}/source`);
  const text = tree.readText(posix.join(source, 'dkms.conf')) ?? '';
  const needs = [...text.matchAll(/^\s*BUILD_DEPENDS(?:\[\d+\])?=["']?([^\s"']+)/gm)].map(([, need]) => need as string);
  return { name, version, source, needs, automatic: /^\s*AUTOINSTALL=["']?[^\s"']/m.test(text) };
}

/** MODULE/kernel-KERNEL-ARCH is a link to what is installed. */
function isInstalled(tree: Tree, { name, version }: Added, kver: string): boolean {
  const links = tree.list(`${STATE}/${name}`).filter((entry) => entry.startsWith(`kernel-${kver}-`));
  return links.some(
    (entry) =>
      tree.isLink(`${STATE}/${name}/${entry}`) &&
      tree.readLink(`${STATE}/${name}/${entry}`).startsWith(`${version}/${kver}/`),
  );
}

function inOrder(modules: readonly Added[]): Added[] {
  const names = new Set(modules.map((m) => m.name));
  const done = new Set<string>();
  const ordered: Added[] = [];
  for (let left = [...modules]; left.length > 0; left = left.filter((m) => !done.has(m.name))) {
    const ready = left.filter((m) => m.needs.every((need) => !names.has(need) || done.has(need)));
    for (const module of ready.length > 0 ? ready : left) {
      // a circle is DKMS's to complain of
      ordered.push(module);
      done.add(module.name);
    }
  }
  return ordered;
}

/** Forgets what was built for kernels that are not in the tree. */
export function forgetOtherKernels(tree: Tree, kver: string): void {
  for (const name of tree.list(STATE)) {
    const module = `${STATE}/${name}`;
    for (const entry of tree.list(module)) {
      if (entry.startsWith('kernel-') && !entry.startsWith(`kernel-${kver}-`)) tree.remove(`${module}/${entry}`);
      for (const kernel of tree.list(`${module}/${entry}`))
        if (isOfKernel(tree, `${module}/${entry}/${kernel}`) && kernel !== kver)
          tree.remove(`${module}/${entry}/${kernel}`);
    }
  }
}

/** Beside `source` and `build` there is one directory for each kernel. */
const isOfKernel = (tree: Tree, path: string): boolean => tree.isDirectory(path) && !/\/(source|build)$/.test(path);
