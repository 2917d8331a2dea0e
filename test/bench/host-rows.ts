import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { program } from '../lib/checkout.ts';
import type { Group, Workspace } from './compose-rows.ts';
import { measure, type Sample } from './measure.ts';

const DEPLOYMENTS = 10;
const PACKAGES = 400;

const place = (w: Workspace): string => join(w.directory, 'sysroot');
const repository = (w: Workspace): string => join(place(w), 'ostree/repo');

const aptOstree = (w: Workspace, ...args: string[]): Promise<Sample> =>
  measure([program('apt-ostree'), ...args], { log: w.log });

/** What no command can be faster than. */
const start = (w: Workspace): Promise<Sample> => aptOstree(w, '--help');

/** A sysroot with ten deployments, whose commits list packages as those of a server do. */
async function tenDeployments(w: Workspace): Promise<void> {
  const [sysroot, tree] = [place(w), join(w.directory, 'tree')];
  for (const path of [sysroot, tree]) rmSync(path, { recursive: true, force: true });
  for (const path of [sysroot, `${tree}/usr/lib/modules/6.12`, `${tree}/usr/etc`]) mkdirSync(path, { recursive: true });
  await run('cp', ['/etc/os-release', `${tree}/usr/lib/os-release`]);
  for (const name of ['vmlinuz', 'initramfs.img']) await run('touch', [`${tree}/usr/lib/modules/6.12/${name}`]);
  await run('ostree', ['admin', 'init-fs', '--modern', sysroot]);
  await run('ostree', ['admin', 'os-init', `--sysroot=${sysroot}`, 'debian']);
  await run('ostree', ['config', `--repo=${repository(w)}`, 'set', 'core.fsync', 'false']);
  for (let n = 1; n <= DEPLOYMENTS; n++) await deploy(w, tree, n);
}

async function deploy(w: Workspace, tree: string, n: number): Promise<void> {
  const rows = Array.from({ length: PACKAGES }, (_, i) => {
    const version = `1.${i % 10 === 0 ? n : 0}-1`;
    return `('package-${i}', '${version}', 'amd64', 'package-${i}', '${version}')`;
  });
  const metadata = [`version='${n}'`, `aptostree.packages=@a(sssss) [${rows.join(', ')}]`];
  const commit = ['commit', `--repo=${repository(w)}`, '--branch=os', `--tree=dir=${tree}`];
  await run('ostree', [...commit, ...metadata.map((m) => `--add-metadata=${m}`)]);
  const env = { OSTREE_SYSROOT_DEBUG: 'mutable-deployments' };
  await run('ostree', ['admin', 'deploy', `--sysroot=${place(w)}`, '--os=debian', '--retain', 'os'], { env });
}

/** How many programs a command runs: AOT_DEBUG says each on standard error. */
async function spawns(...args: string[]): Promise<string> {
  const { stderr } = await run(program('apt-ostree'), args, { env: { AOT_DEBUG: '1' } });
  return `${stderr.split('\n').filter((line) => line !== '').length} programs run`;
}

export const HOST_ROWS: Group = {
  rows: [
    {
      title: `status of ${DEPLOYMENTS} deployments, against --help`,
      target: '2, no program run',
      prepare: tenDeployments,
      ours: (w) => aptOstree(w, 'status', `--sysroot=${place(w)}`),
      peer: start,
      note: (w) => spawns('status', `--sysroot=${place(w)}`),
    },
    {
      title: `db diff of two commits with ${PACKAGES} packages, against --help`,
      target: '2, no program run',
      prepare: tenDeployments,
      ours: (w) => aptOstree(w, 'db', 'diff', `--repo=${repository(w)}`, 'os^', 'os'),
      peer: start,
      note: (w) => spawns('db', 'diff', `--repo=${repository(w)}`, 'os^', 'os'),
    },
  ],
};
