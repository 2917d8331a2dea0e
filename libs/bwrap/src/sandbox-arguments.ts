import capabilities from './data/capabilities.json' with { type: 'json' };
import { sandboxEnvironment } from './environment.ts';

/** A mount inside the sandbox; `source` is ours, `target` is the tree's. */
export interface Bind {
  source: string;
  target: string;
  writable?: boolean;
}

export interface SandboxOptions {
  /** Directories on our side that stand for /run and /tmp, so that several calls share them. Without: fresh ones. */
  run?: string;
  tmp?: string;
  /** In this order, after everything else. */
  binds?: readonly Bind[];
  /** Added to the reviewed environment. */
  env?: Record<string, string>;
  /** The clock, seconds since the epoch. */
  epoch: number;
  /** The working directory inside; / without. */
  chdir?: string;
}

/** Machine names leak into mail servers' configuration, so every tree is made on the same one. */
export const HOSTNAME = 'localhost';

/**
 * bubblewrap's arguments for running a program in `root`, up to and without the program. There is no user namespace of
 * its own: we are root, or mapped to it already, and owners must stay what they are. The program is process 1, so that the
 * kernel has ended all that it started when we hear of its end; and it ends with us.
 */
export function sandboxArguments(root: string, options: SandboxOptions): string[] {
  return [
    ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--hostname', HOSTNAME, '--die-with-parent', '--new-session', '--as-pid-1', '--chdir', options.chdir ?? '/'],
    ...['--cap-drop', 'ALL', ...capabilities.flatMap((c) => ['--cap-add', c.name])],
    ...environment(options),
    ...['--bind', root, '/', '--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/dev/shm'],
    ...(options.run === undefined
      ? ['--perms', '0755', '--tmpfs', '/run', '--perms', '1777', '--dir', '/run/lock']
      : ['--bind', options.run, '/run']),
    ...(options.tmp === undefined ? ['--perms', '1777', '--tmpfs', '/tmp'] : ['--bind', options.tmp, '/tmp']),
    ...(options.binds ?? []).flatMap((b) => [b.writable ? '--bind' : '--ro-bind', b.source, b.target]),
    '--',
  ];
}

const environment = (options: SandboxOptions): string[] => [
  '--clearenv',
  ...Object.entries(sandboxEnvironment(options.epoch, options.env)).flatMap(([k, v]) => ['--setenv', k, v]),
];
