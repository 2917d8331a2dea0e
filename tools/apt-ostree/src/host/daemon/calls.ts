import * as base from './calls/base.ts';
import * as boot from './calls/boot.ts';
import type { Args, Call } from './calls/call.ts';
import * as packages from './calls/packages.ts';

/**
 * The call that does what a command line asks for; undefined where only the command itself can.
 * @throws AotError `usage` for a command line that means nothing
 */
export const callOf = (name: string, args: Args): Call | undefined =>
  (CALLS[name] ?? CALLS[name.replace(/^ex /, '')])?.(args);

const CALLS: Record<string, (args: Args) => Call | undefined> = {
  upgrade: base.upgrade,
  deploy: base.deploy,
  rebase: base.rebase,
  rollback: base.rollback,
  cleanup: base.cleanup,
  'finalize-deployment': base.finalize,
  reset: packages.reset,
  install: packages.install,
  uninstall: packages.uninstall,
  'override remove': packages.override('remove'),
  'override reset': packages.override('reset'),
  'override replace': packages.override('replace'),
  'ex apply-live': packages.applyLive,
  'refresh-md': packages.refreshMetadata,
  kargs: boot.kargs,
  initramfs: boot.initramfs,
  'initramfs-etc': boot.initramfsEtc,
};
