import type { Action } from '../authorize.ts';
import { notYet } from '../names.ts';

/** A change that somebody asks for. */
export interface Request {
  method: string;
  /** For people: the command line of the client, or ours. */
  title: string;
  /** The arguments of apt-ostree, without those that say where. */
  argv: readonly string[];
  /** What polkit is asked for. */
  actions: readonly Action[];
  /** A local path may be opened for root only. */
  rootOnly?: boolean;
}

/** Commands of apt-ostree that it knows, and that it does not have in this version. */
export const NOT_YET: readonly string[] = [
  'install',
  'uninstall',
  'override',
  'refresh-md',
  'search',
  'initramfs',
  'initramfs-etc',
  'apply-live',
];

/** @throws DbusError `NotInThisVersion` for a command that is not there yet */
export function request(method: string, argv: readonly string[], actions: readonly Action[], title?: string): Request {
  const [command = ''] = argv;
  if (NOT_YET.includes(command)) throw notYet(`'${command}'`);
  return { method, argv, actions, title: title || argv.join(' ') };
}
