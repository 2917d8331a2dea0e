import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { Dictionary } from '@apt-ostree/dbus';
import {
  type Deployment,
  pendingDeployment,
  readSysroot,
  rollbackDeployment,
  type Sysroot,
  stateroots,
} from '@apt-ostree/host';
import { ask } from './apt-ostree.ts';
import { dictionary } from './variants.ts';

/** What the bus shows of a sysroot. */
export interface State {
  sysroot: Sysroot;
  stateroots: readonly string[];
  /** In boot order. */
  deployments: readonly Dictionary[];
  /** What the next boot, or the next upgrade, brings; undefined for nothing. */
  cachedUpdate: Dictionary | undefined;
}

/** Reads it, with all that `apt-ostree status` finds out. */
export async function readState(path: string): Promise<State> {
  const status = JSON.parse(await ask(['status', '--json', '--sysroot', path]));
  const sysroot = await readSysroot(path);
  const update = status['cached-update'];
  return {
    sysroot,
    stateroots: stateroots(sysroot),
    deployments: status.deployments.map(dictionary),
    cachedUpdate: update === null ? undefined : dictionary(update),
  };
}

/** The booted, default and rollback deployment of a stateroot. */
export function chosen(
  { sysroot, deployments }: State,
  stateroot: string,
): Record<'booted' | 'default' | 'rollback', Dictionary> {
  const show = (d: Deployment | undefined): Dictionary =>
    deployments.find((shown) => d !== undefined && shown.get('id')?.value === d.id) ?? new Map();
  const booted = sysroot.booted?.stateroot === stateroot ? sysroot.booted : undefined;
  return {
    booted: show(booted),
    default: show(pendingDeployment(sysroot, stateroot) ?? booted),
    rollback: show(rollbackDeployment(sysroot, stateroot)),
  };
}

/** Libostree touches this directory with every change of the deployments. */
const CALM = 300;

/** Calls `changed` some time after the deployments changed, whoever did it. */
export function watchSysroot(path: string, changed: () => void): FSWatcher {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(join(path, 'ostree/deploy'), () => {
    clearTimeout(timer);
    timer = setTimeout(changed, CALM);
    timer.unref();
  });
  watcher.on('error', () => {}); // the directory went away: the next call says so
  return watcher;
}
