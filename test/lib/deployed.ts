import { cpSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { PackagesManifest } from '@apt-ostree/manifest';
import { type RunOptions, run } from '@apt-ostree/run';
import { CACHE, program, TOP } from './checkout.ts';
import type { RealTree } from './real-tree.ts';

/** Checks a tree's commit out to `target` as a deployment looks: /etc in its place, everything may be written. */
export async function deploy(real: RealTree, target: string): Promise<void> {
  await run('ostree', ['checkout', `--repo=${real.repo}`, '--force-copy', real.commit.commit, target]);
  renameSync(join(target, 'usr/etc'), join(target, 'etc'));
}

/** Runs a program of a deployed tree in it. */
export const inside = (deployed: string, argv: string[], options: RunOptions = {}) =>
  run(
    'bwrap',
    [
      ...['--bind', deployed, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run', '--tmpfs', '/tmp'],
      ...['--unshare-net', '--unshare-pid', '--die-with-parent', '--cap-add', 'ALL', '--clearenv'],
      ...['--setenv', 'PATH', '/usr/sbin:/usr/bin', '--setenv', 'LC_ALL', 'C.UTF-8', '--chdir', '/', '--', ...argv],
    ],
    options,
  );

/** What systemd-tmpfiles does at boot; a minimal tree has none, so that its lines are followed here. */
export async function makeVar(deployed: string) {
  const { exitCode } = await inside(deployed, ['test', '-x', '/usr/bin/systemd-tmpfiles'], { ok: 'any' });
  const prefixes = ['/var', '/home', '/root', '/srv'].map((path) => `--prefix=${path}`);
  if (exitCode === 0) return inside(deployed, ['systemd-tmpfiles', '--create', ...prefixes]);
  const lines = readFileSync(join(deployed, 'usr/lib/tmpfiles.d/aot-var.conf'), 'utf8').split('\n');
  for (const [type, path, mode] of lines.map((line) => line.split(' '))) {
    if (type === 'd') await inside(deployed, ['mkdir', '-p', '-m', mode as string, path as string]);
    if (type === 'C') cpSync(join(deployed, 'usr/share/factory', path as string), join(deployed, path as string));
  }
  return { exitCode: 0, stdout: '', stderr: '' };
}

/** What `dpkg --verify` says of a deployed tree with its /var, apart from what the treefile edits; versions of kernels taken off. */
export async function movedPaths(deployed: string, { inputs, treefile }: PackagesManifest): Promise<string[]> {
  const { stdout } = await inside(deployed, ['dpkg', '--verify']);
  const edited = new Set([
    ...inputs.map((i) => i.path),
    ...((treefile['remove-files'] as string[] | undefined) ?? []),
    ...((treefile['add-files'] as string[][] | undefined) ?? []).map(([, to]) => to as string),
  ]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/^\S+\s+(?:c )?/, ''))
    .filter((path) => !edited.has(path))
    .map((path) => path.replace(/-\d.*$/, ''))
    .sort();
}

/** What the commit of a tree with a kernel moves, to dpkg's eyes; os-release gets the version. */
export const MOVED_WITH_KERNEL = ['/boot/System.map', '/boot/config', '/boot/vmlinuz', '/usr/lib/os-release'];

/** Configures an example twice, under another clock and environment, once without the cache of configured trees. */
export async function checkReproducible(name: string): Promise<void> {
  const args = ['compose', 'tree', '--quiet', '--check-reproducible', '--strict-var', '--cachedir', CACHE];
  await run(program('apt-ostree'), [...args, join(TOP, `docs/examples/${name}.yaml`)]);
}
