import type { Action } from '../authorize.ts';

/** A change that somebody asks for. */
export interface Request {
  method: string;
  /** For people: the command line of the client, or ours. */
  title: string;
  /** The arguments of apt-ostree, without those that say where. */
  argv: Argv;
  /** What polkit is asked for. */
  actions: readonly Action[];
  /** A local path may be opened for root only. */
  rootOnly?: boolean;
  /** It mounts something that the whole system is to see. */
  live?: boolean;
}

/** Commands of apt-ostree that changes are made with. */
export const COMMANDS = [
  'upgrade',
  'deploy',
  'rebase',
  'rollback',
  'cleanup',
  'reset',
  'kargs',
  'finalize-deployment',
  'install',
  'uninstall',
  'override',
  'refresh-md',
  'initramfs',
  'initramfs-etc',
  'ex',
] as const;

export type Argv = readonly [(typeof COMMANDS)[number], ...string[]];

export const request = (method: string, argv: Argv, actions: readonly Action[], title?: string): Request => ({
  ...{ method, argv, actions },
  title: title || argv.join(' '),
});
