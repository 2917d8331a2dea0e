import { run } from '@apt-ostree/run';
import type { Layout } from './layout.ts';

export interface InTree {
  /** Directories of the tree that the program may write to. */
  writable?: readonly string[];
  /** Directories of the host, by their place in the sandbox; writable. */
  bind?: Record<string, string>;
  env?: Record<string, string>;
  what: string;
}

/**
 * Runs a program of the tree in it: read-only but for what is named, no network, fresh /dev, /proc, /run and /tmp, the
 * compose's clock in SOURCE_DATE_EPOCH.
 */
export async function inTree(layout: Layout, argv: readonly string[], options: InTree): Promise<string> {
  const { tree } = layout;
  tree.mkdir('var/tmp', { mode: 0o1777 });
  const args = [
    ...['--ro-bind', tree.root, '/', '--dev', '/dev', '--proc', '/proc'],
    ...['--tmpfs', '/run', '--tmpfs', '/tmp', '--tmpfs', '/var/tmp'],
    ...(options.writable ?? []).flatMap((path) => ['--bind', tree.at(path), `/${path}`]),
    ...Object.entries(options.bind ?? {}).flatMap(([to, from]) => ['--bind', from, to]),
    ...['--unshare-net', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', 'localhost'],
    ...['--die-with-parent', '--new-session', '--cap-add', 'ALL', '--chdir', '/'],
    '--clearenv',
    ...Object.entries(environment(layout, options)).flatMap(([name, value]) => ['--setenv', name, value]),
    ...argv,
  ];
  const { stdout } = await run('bwrap', args, { what: options.what, signal: layout.signal });
  return stdout;
}

const environment = (layout: Layout, options: InTree): Record<string, string> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  SOURCE_DATE_EPOCH: String(layout.clock),
  SYSTEMD_OFFLINE: '1',
  ...options.env,
});
