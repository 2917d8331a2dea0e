import type { Chosen, PackageIndex, PackageRecord } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { type PackageItem, packageId } from '@apt-ostree/manifest';

/**
 * The record in a verified index that a package of apt's choice comes from: same name, version, architecture and file. Of
 * several indices that list it, the first in the order of the sources.
 */
export function recordOf(chosen: Chosen, index: PackageIndex): PackageRecord {
  const record = index
    .records(chosen.name)
    .find(
      ({ stanza }) =>
        stanza.get('Version') === chosen.version &&
        stanza.get('Architecture') === chosen.architecture &&
        chosen.uri.endsWith(`/${filename(stanza.get('Filename'))}`),
    );
  if (record !== undefined) return record;
  throw new AotError('data', `cannot find '${packageId(chosen)}' ${chosen.version} in the indices that apt used`, {
    hint: 'run the command again; the indices may have changed in between',
  });
}

export interface Facts {
  automatic: boolean;
  essential: boolean;
  /** SHA-256 of the Release file that vouches for the record. */
  release: string;
}

/** A package of the manifest. What it says is used as path and in commands later, so it is checked here. */
export function packageItem({ stanza, index }: PackageRecord, { automatic, essential, release }: Facts): PackageItem {
  const field = (name: string): string => stanza.get(name) ?? '';
  const name = field('Package');
  const source = /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(field('Source'));
  const item: PackageItem = {
    name,
    version: field('Version'),
    architecture: field('Architecture'),
    source: { id: index.source.id, suite: index.source.suite, component: index.component, index: release },
    path: filename(field('Filename')),
    size: Number(field('Size')),
    sha256: field('SHA256').toLowerCase(),
    sourcePackage: source?.[1] ?? name,
    sourceVersion: source?.[2] ?? field('Version'),
    installedSize: Number(field('Installed-Size') || 0),
    automatic,
    essential,
  };
  check(item);
  return item;
}

const filename = (value = ''): string => value.replace(/^(\.\/)+/, '');

function check({ name, path, sha256, size, installedSize, source }: PackageItem): void {
  const bad =
    (!/^[a-z0-9][a-z0-9+.-]+$/.test(name) && 'Package') ||
    ((path === '' || path.startsWith('/') || path.split('/').includes('..') || /[\0-\x1f]/.test(path)) && 'Filename') ||
    (!/^[0-9a-f]{64}$/.test(sha256) && 'SHA256') ||
    (!Number.isSafeInteger(size) && 'Size') ||
    (!(Number.isSafeInteger(installedSize) && installedSize >= 0) && 'Installed-Size');
  if (bad) {
    throw new AotError(
      'data',
      `cannot use the index of '${source.id} ${source.suite}': '${name}' has no valid ${bad}`,
      {
        code: 'broken-index',
      },
    );
  }
}
