import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSysroot, type Sysroot } from '@apt-ostree/host';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';

export type Row = [name: string, version: string, architecture: string];

interface CommitOptions {
  version?: string;
  packages?: Row[];
  time?: string;
  branch?: string;
  metadata?: string[];
}

/** A sysroot with deployments of a tree that has a kernel and little else, made by the machine's ostree. */
export async function smallSysroot() {
  const top = temporary();
  const path = join(top, 'sysroot');
  const repo = join(path, 'ostree/repo');
  const tree = join(top, 'tree');
  mkdirSync(path);
  const env = { OSTREE_SYSROOT_DEBUG: 'mutable-deployments' };
  const ostree = async (...args: string[]) => (await run('ostree', args, { env })).stdout.trim();
  const admin = (verb: string, ...args: string[]) => ostree('admin', verb, `--sysroot=${path}`, ...args);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), text);
  };
  await ostree('admin', 'init-fs', '--modern', path);
  await admin('os-init', 'debian');
  await ostree('config', `--repo=${repo}`, 'set', 'core.fsync', 'false');
  write('usr/lib/modules/6.12/vmlinuz', 'kernel');
  write('usr/lib/modules/6.12/initramfs.img', 'initramfs');
  write('usr/lib/os-release', 'ID=debian\nPRETTY_NAME="Debian"\n');
  write('usr/etc/hostname', 'debian\n');
  return {
    path,
    repo,
    tree,
    write,
    ostree,
    admin,
    commit: ({ version, packages, time, branch = 'os', metadata = [] }: CommitOptions = {}) =>
      ostree(
        ...['commit', `--repo=${repo}`, `--branch=${branch}`, `--tree=dir=${tree}`],
        ...(version ? [`--add-metadata-string=version=${version}`] : []),
        ...(packages ? [`--add-metadata=aptostree.packages=${packageList(packages)}`] : []),
        ...(time ? [`--timestamp=${time}`] : []),
        ...metadata.map((m) => `--add-metadata=${m}`),
      ),
    deploy: (...args: string[]) => admin('deploy', '--os=debian', ...args),
    /** Writes over the origin of a deployment. */
    origin: async (index: number, text: string) => {
      const { deployments } = await readSysroot(path);
      writeFileSync(join(path, `${deployments[index]?.path}.origin`), text);
    },
    boot: async (index: number): Promise<Sysroot> => booted(await readSysroot(path), index),
    deployed: () => readdirSync(join(path, 'ostree/deploy/debian/deploy')),
  };
}

const packageList = (rows: readonly Row[]): string =>
  `@a(sssss) [${rows.map(([n, v, a]) => `('${n}','${v}','${a}','${n}','${v}')`).join(',')}]`;

/** The sysroot as a system sees it that booted one of its deployments. */
function booted(sysroot: Sysroot, index: number): Sysroot {
  const deployments = sysroot.deployments.map((d) => ({ ...d, booted: d.index === index }));
  return { ...sysroot, deployments, isBooted: true, booted: deployments[index] };
}
