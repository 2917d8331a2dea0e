import { flag, value, values } from '../later.ts';

/** Of every command that talks to the daemon. */
export const HOST = {
  sysroot: value('SYSROOT', 'work on this sysroot', { default: '/' }),
  peer: flag('accepted and without effect: the daemon is asked over the bus'),
};

export const STATEROOT = {
  stateroot: value('STATEROOT', 'work on this stateroot instead of the booted one', { also: ['os'] }),
};

export const REBOOT = { reboot: flag('reboot when it is done', { alias: 'r' }) };
export const LOCK = { 'lock-finalization': flag('do not let a shutdown finalize the staged deployment') };
export const CACHE_ONLY = { 'cache-only': flag('do not download anything', { alias: 'C' }) };
export const DOWNLOAD_ONLY = { 'download-only': flag('only download') };
export const UNCHANGED = { 'unchanged-exit-77': flag('end with 77 when nothing changed') };
export const DRY_RUN = { 'dry-run': flag('only say what would be done', { alias: 'n' }) };
export const BYPASS = { 'bypass-driver': flag('go on although another program drives the updates') };

/** Commands that change the base also take changes to the layered packages. */
export const PACKAGES = {
  install: values('PKG', 'also layer this package'),
  uninstall: values('PKG', 'also remove this layered package'),
};
