import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import type { Deployment, Sysroot } from './deployment.ts';

/** The names of a sysroot's stateroots. */
export function stateroots(sysroot: Sysroot): string[] {
  const directory = join(sysroot.path, 'ostree/deploy');
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.flatMap((e) => (e.isDirectory() ? [e.name] : [])).sort();
  } catch (error) {
    throw explain(error, `cannot read '${directory}'`);
  }
}

/**
 * The stateroot to work on: the one that is named, else the booted one, else the only one.
 * @throws AotError `noInput` when there is no such stateroot, `usage` when it has to be named
 */
export function chooseStateroot(sysroot: Sysroot, name?: string): string {
  const all = stateroots(sysroot);
  if (name !== undefined && !all.includes(name)) {
    throw new AotError('noInput', `cannot find the stateroot '${name}' in '${sysroot.path}'`, { hint: list(all) });
  }
  const chosen = name ?? sysroot.booted?.stateroot ?? (all.length === 1 ? all[0] : undefined);
  if (chosen !== undefined) return chosen;
  if (all.length === 0) {
    throw new AotError('noInput', `cannot find a stateroot in '${sysroot.path}'`, {
      hint: "'aot-deploy init --stateroot NAME' makes one",
    });
  }
  throw new AotError('usage', `cannot tell which stateroot of '${sysroot.path}' is meant`, {
    hint: `name one with --stateroot; ${list(all)}`,
  });
}

const list = (all: readonly string[]): string =>
  all.length === 0 ? 'it has none' : `it has ${all.map((name) => `'${name}'`).join(', ')}`;

/**
 * Whose /etc a new deployment of the stateroot gets, and whose kernel arguments: the booted one's, or where another
 * stateroot is booted, or none, that of the one that boots next (`ostree_sysroot_get_merge_deployment`).
 */
export const mergeDeployment = (sysroot: Sysroot, stateroot: string): Deployment | undefined =>
  sysroot.booted?.stateroot === stateroot ? sysroot.booted : pendingDeployment(sysroot, stateroot);

/** The first before the booted one; in a sysroot that is not booted, the default. */
export function pendingDeployment(sysroot: Sysroot, stateroot: string): Deployment | undefined {
  const before = sysroot.booted?.index ?? Number.POSITIVE_INFINITY;
  return sysroot.deployments.find((d) => d.stateroot === stateroot && d.index < before);
}

/** The first behind the booted one; a sysroot that is not booted has none. */
export function rollbackDeployment(sysroot: Sysroot, stateroot: string): Deployment | undefined {
  const behind = sysroot.booted?.index ?? Number.POSITIVE_INFINITY;
  return sysroot.deployments.find((d) => d.stateroot === stateroot && d.index > behind);
}
