import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';

/** A sysroot with deployments of a tree that has a kernel and little else, made by the machine's ostree. */
export async function smallSysroot() {
  const top = temporary();
  const sysroot = join(top, 'sysroot');
  mkdirSync(sysroot);
  const repo = join(sysroot, 'ostree/repo');
  // without the immutable flag, so that a test can remove what it made
  const env = { OSTREE_SYSROOT_DEBUG: 'mutable-deployments' };
  const ostree = async (...args: string[]) => (await run('ostree', args, { env })).stdout.trim();
  const admin = (verb: string, ...args: string[]) => ostree('admin', verb, `--sysroot=${sysroot}`, ...args);
  await ostree('admin', 'init-fs', '--modern', sysroot);
  await admin('os-init', 'debian');
  await ostree('config', `--repo=${repo}`, 'set', 'core.fsync', 'false');
  const tree = join(top, 'tree');
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
    chmodSync(join(tree, path), mode);
  };
  write('usr/lib/modules/6.12/vmlinuz', 'kernel');
  write('usr/lib/modules/6.12/initramfs.img', 'initramfs');
  write('usr/lib/os-release', 'ID=debian\nPRETTY_NAME="Debian"\n');
  write('usr/etc/hostname', 'debian\n');
  return {
    sysroot,
    repo,
    tree,
    write,
    ostree,
    admin,
    /** Commits the tree as it is now. */
    commit: (...args: string[]) => ostree('commit', `--repo=${repo}`, '--branch=os', `--tree=dir=${tree}`, ...args),
    deploy: (...args: string[]) => admin('deploy', '--os=debian', ...args),
  };
}
