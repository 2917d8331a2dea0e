import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, run } from '@apt-ostree/run';
import { sources } from './mmdebstrap.ts';

/** The build machine's certificates, where a tree that talks to the network finds them. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const INSIDE = '/run/certificates.crt';

/**
 * Copies a configured tree, so that it may be written to, and gives it the machine's archive.
 * The copy is on the checkout's file system: an overlay inside it needs a real one below.
 */
export async function copyTree(rootfs: string, target: string, suite: string): Promise<void> {
  await run('cp', ['--archive', '--reflink=auto', rootfs, target]);
  const lists = join(target, 'etc/apt/sources.list.d');
  mkdirSync(lists, { recursive: true });
  writeFileSync(join(lists, 'test.list'), `${sources(suite)}\n`);
}

/** Runs a command in a writable tree, as root, with network: a fresh machine, but for the kernel. */
export async function inTree(
  tree: string,
  cwd: string,
  argv: string[],
  env: Record<string, string> = {},
): Promise<RunResult> {
  const { stdout: registry } = await run('npm', ['config', 'get', 'registry'], { stderr: 'ignore' });
  const variables = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    NODE_EXTRA_CA_CERTS: INSIDE,
    npm_config_cafile: INSIDE,
    npm_config_registry: registry.trim(),
    ...env,
  };
  const mounts = [
    ...[
      '--bind',
      tree,
      '/',
      '--dev',
      '/dev',
      '--proc',
      '/proc',
      '--tmpfs',
      '/run',
      '--perms',
      '1777',
      '--tmpfs',
      '/tmp',
    ],
    ...['--ro-bind', CERTIFICATES, INSIDE, '--ro-bind', '/etc/resolv.conf', '/etc/resolv.conf'],
  ];
  const isolation = [
    '--unshare-pid',
    '--unshare-uts',
    '--unshare-ipc',
    '--hostname',
    'newcomer',
    '--die-with-parent',
    '--cap-add',
    'ALL',
  ];
  const set = Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]);
  return run('bwrap', [...mounts, ...isolation, '--clearenv', ...set, '--chdir', cwd, '--', ...argv], { ok: 'any' });
}
