import type { PackageIndex } from '@apt-ostree/apt';
import { satisfies } from 'deb-version';
import type { Wanted } from '../wanted.ts';
import type { Base, BasePackage } from './base.ts';

/**
 * The package of the base that a request asks for, as it is: then the request has nothing to do.
 * @returns undefined where the base lacks it, or has another version than is asked for
 */
export function fulfilledBy(wanted: Wanted, base: Base, index: PackageIndex): BasePackage | undefined {
  if (wanted.repo !== undefined) return undefined; // a replacement
  const own = ofThatName(wanted, base);
  if (own !== undefined) return isAsked(own.version, wanted) && isOfSuite(own, wanted, index) ? own : undefined;
  if (index.has(wanted.name) || wanted.suite !== undefined) return undefined;
  const virtual = base.provided.get(wanted.name);
  if (virtual === undefined || wanted.architecture !== undefined) return undefined;
  return wanted.version === undefined || isAsked(virtual.version, wanted) ? virtual.by : undefined;
}

function ofThatName({ name, architecture }: Wanted, { installed, architectures }: Base): BasePackage | undefined {
  const wanted = [...(architecture === undefined ? architectures.slice(0, 1) : [architecture]), 'all'];
  return wanted.map((a) => installed.get(`${name}:${a}`)).find((p) => p !== undefined);
}

const isAsked = (version: string | undefined, { relation, version: wanted }: Wanted): boolean =>
  relation === undefined || wanted === undefined || (version !== undefined && satisfies(version, relation, wanted));

/** Of a suite that has another version, that one is asked for. */
function isOfSuite({ name, version }: BasePackage, { suite }: Wanted, index: PackageIndex): boolean {
  if (suite === undefined) return true;
  return index
    .records(name)
    .some(
      (r) => (r.index.source.suite === suite || r.index.suites.includes(suite)) && r.stanza.get('Version') === version,
    );
}
