import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { Deployment, Sysroot } from '../deployment.ts';
import { reading } from './tree.ts';

/** Paths as in `/etc/hostname`, sorted. */
export interface EtcDifferences {
  /** With all that is in a directory. */
  added: string[];
  modified: string[];
  /** A directory stands for all that was in it. */
  removed: string[];
}

/** The directory of a deployment; of the booted one the root, which is an image with composefs. */
export const deploymentRoot = (sysroot: Sysroot, deployment: Deployment): string =>
  deployment.booted ? '/' : join(sysroot.path, deployment.path);

/**
 * What was changed in a deployment's /etc since it was made from its /usr/etc: types, modes, owners, contents, as
 * `ostree admin config-diff` shows them; extended attributes are not compared.
 */
export function etcDifferences(sysroot: Sysroot, deployment: Deployment): EtcDifferences {
  const root = deploymentRoot(sysroot, deployment);
  return compareDirectories(join(root, 'usr/etc'), join(root, 'etc'));
}

export function compareDirectories(from: string, to: string): EtcDifferences {
  const result: EtcDifferences = { added: [], modified: [], removed: [] };
  compare(from, to, '/etc', result);
  for (const list of Object.values(result)) list.sort();
  return result;
}

function compare(from: string, to: string, shown: string, result: EtcDifferences): void {
  const [before, after] = [names(from), names(to)];
  for (const name of before) if (!after.has(name)) result.removed.push(`${shown}/${name}`);
  for (const name of after) {
    const [old, now, path] = [join(from, name), join(to, name), `${shown}/${name}`];
    if (!before.has(name)) add(now, path, result);
    else compareEntries(old, now, path, result);
  }
}

function compareEntries(from: string, to: string, shown: string, result: EtcDifferences): void {
  const [old, now] = [stat(from), stat(to)];
  if (!sameEntry(from, old, to, now)) result.modified.push(shown);
  if (old.isDirectory() && now.isDirectory()) compare(from, to, shown, result);
}

function add(path: string, shown: string, result: EtcDifferences): void {
  result.added.push(shown);
  if (stat(path).isDirectory()) for (const name of names(path)) add(join(path, name), `${shown}/${name}`, result);
}

/** Contents are read last: most files tell by their stat. */
function sameEntry(from: string, old: Stats, to: string, now: Stats): boolean {
  if (old.mode !== now.mode || old.uid !== now.uid || old.gid !== now.gid) return false;
  if (old.isSymbolicLink()) return reading(to, () => readlinkSync(from) === readlinkSync(to));
  if (!old.isFile()) return true;
  return old.size === now.size && (old.size === 0 || reading(to, () => readFileSync(from).equals(readFileSync(to))));
}

const stat = (path: string): Stats => reading(path, () => lstatSync(path));
const names = (path: string): Set<string> => new Set(reading(path, () => readdirSync(path)));
