import { AotError } from '@apt-ostree/errors';
import { type Added, addedModules, forgetOtherKernels, STATE } from '../dkms/added.ts';
import { buildModule, type ModuleCache } from '../dkms/build-module.ts';
import { followState } from '../dkms/configuration.ts';
import type { Layout } from '../layout.ts';
import { inTree } from '../sandbox.ts';

/**
 * Builds the modules that packages registered with DKMS, for the tree's kernel, and installs them beside its own. Scripts
 * only register them: a recorder stands for all else of dkms(8), which would build for kernels that go, or not at all.
 * @throws AotError `failed` where the headers are missing or a build fails; on other systems DKMS passes over the former
 */
export async function modules(layout: Layout, kver: string, cache: ModuleCache): Promise<void> {
  followState(layout.tree);
  forgetOtherKernels(layout.tree, kver);
  const added = addedModules(layout.tree, kver);
  if (added.length === 0) return;
  requireHeaders(layout, kver, added);
  for (const module of added) await install(layout, kver, module, cache);
}

function requireHeaders({ tree }: Layout, kver: string, added: readonly Added[]): void {
  const headers = tree.followed(`usr/lib/modules/${kver}/build`);
  if (tree.isDirectory(`${headers}/include`) && tree.exists('usr/sbin/dkms')) return;
  const names = added.map((m) => `'${m.name}/${m.version}'`).join(', ');
  throw new AotError('failed', `cannot build kernel modules ${names}: the headers of kernel '${kver}' are missing`, {
    code: 'no-kernel-headers',
    hint: `add the package 'linux-headers-${kver}'`,
  });
}

async function install(layout: Layout, kver: string, module: Added, cache: ModuleCache): Promise<void> {
  const { name, version } = module;
  const built = await buildModule(layout, kver, module, cache);
  if (built.size === 0) {
    layout.warn(`left out kernel module '${name}/${version}': its dkms.conf says that it is not for kernel '${kver}'`);
    return;
  }
  for (const [path, bytes] of built) layout.tree.write(`${STATE}/${name}/${version}/${kver}/${path}`, bytes);
  await inTree(layout, ['dkms', 'install', '-m', name, '-v', version, '-k', kver], {
    write: true,
    what: `cannot install kernel module '${name}/${version}'`,
  });
}
