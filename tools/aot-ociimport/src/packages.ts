import { parseStatus } from '@apt-ostree/dpkg';
import { AotError } from '@apt-ostree/errors';
import { packageId } from '@apt-ostree/manifest';
import type { ImageTree } from '@apt-ostree/oci';
import { byteOrder, type CommittedPackage, readFileObject } from '@apt-ostree/ostree';
import type { Staging } from './staging.ts';

/** Where a commit has dpkg's database, and where any other system has it. */
const PLACES = ['usr/lib/sysimage/dpkg/status', 'var/lib/dpkg/status'];
/** That of a desktop has some megabytes. */
const LARGEST = 64 * 1024 * 1024;

/**
 * The packages of a tree, in the order of a lockfile; undefined where it has no database of them.
 * @throws AotError `data` for a database that cannot be read
 */
export function installedPackages({ repo, target }: Staging, tree: ImageTree): CommittedPackage[] | undefined {
  const file = PLACES.map((path) => tree.file(path)).find((node) => node !== undefined);
  if (file === undefined) return undefined;
  if ((file.size ?? 0) > LARGEST) throw unreadable('it is too large');
  const where = repo.has(file.object, 'file') ? repo.path : target;
  const text = Buffer.from(readFileObject(where, file.object).content).toString();
  return read(text).sort((a, b) => byteOrder(packageId(a), packageId(b)));
}

function read(text: string): CommittedPackage[] {
  try {
    return parseStatus(text)
      .filter((stanza) => /\sinstalled$/.test(stanza.get('Status') ?? ''))
      .map((stanza) => packageOf((name) => stanza.get(name) ?? ''));
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

function packageOf(field: (name: string) => string): CommittedPackage {
  const [name, version, architecture] = [field('Package'), field('Version'), field('Architecture')];
  if ([name, version, architecture].some((text) => text === '' || text.includes('\0')))
    throw new Error(`a stanza lacks a name, version or architecture`);
  const source = /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(field('Source'));
  return { name, version, architecture, sourcePackage: source?.[1] ?? name, sourceVersion: source?.[2] ?? version };
}

const unreadable = (why: string): AotError =>
  new AotError('data', `cannot read the package database of the image: ${why}`, { code: 'bad-database' });
