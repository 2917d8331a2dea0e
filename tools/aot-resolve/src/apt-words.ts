import type { PackageIndex, PackageRecord } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { compareVersions, satisfies } from 'deb-version';
import type { Blockers } from './blockers.ts';
import type { Wanted } from './wanted.ts';

/**
 * Turns what a treefile asks for into words for apt, after all of it was found in the indices. Virtual names are settled
 * before (`settleVirtual`).
 * @param architectures of the tree, the native one first
 * @param blockers is told of every version that no archive offers; these are left out
 */
export function aptWords(
  wanted: readonly Wanted[],
  index: PackageIndex,
  architectures: readonly string[],
  blockers: Blockers,
): string[] {
  const problems: string[] = [];
  const words = wanted.flatMap((w) => wordOf(w, index, architectures[0], problems));
  if (problems.length > 0)
    blockers.add(new AotError('failed', `packages not found: ${problems.join('; ')}`, { code: 'version-not-found' }));
  return words;
}

/** A plain name is left to apt's policy; a repo or a relation is settled here as the highest version that fits. */
function wordOf(wanted: Wanted, index: PackageIndex, native: string | undefined, problems: string[]): string[] {
  const name = wanted.architecture === undefined ? wanted.name : `${wanted.name}:${wanted.architecture}`;
  const records = index.records(wanted.name);
  const offered = records.filter((r) => inArchitecture(r, wanted, native) && inRepo(r, wanted) && inSuite(r, wanted));
  const fit = offered.filter((r) => fits(r, wanted));
  if (fit.length === 0) {
    problems.push(unavailable(wanted, offered, records));
    return [];
  }
  if (wanted.suite !== undefined) return [`${name}/${wanted.suite}`];
  if (wanted.relation === undefined && wanted.repo === undefined) return [name];
  return [`${name}=${highest(fit)}`];
}

const versionOf = ({ stanza }: PackageRecord): string => stanza.get('Version') ?? '';

/** For apt a package of all architectures is one of the native. */
function inArchitecture({ stanza }: PackageRecord, { architecture }: Wanted, native: string | undefined): boolean {
  const its = stanza.get('Architecture');
  return architecture === undefined || its === architecture || (its === 'all' && architecture === native);
}

const inRepo = ({ index: { source } }: PackageRecord, { repo }: Wanted): boolean =>
  repo === undefined || source.id === repo.replace(/^.*\/|\.(sources|list)$/g, '') || source.suite === repo;

const inSuite = ({ index }: PackageRecord, { suite }: Wanted): boolean =>
  suite === undefined || index.source.suite === suite || index.suites.includes(suite);

const fits = (record: PackageRecord, { relation, version }: Wanted): boolean =>
  relation === undefined || version === undefined || satisfies(versionOf(record), relation, version);

/** Suites that say NotAutomatic (backports, experimental) count only where no other has it. */
function highest(records: readonly PackageRecord[]): string | undefined {
  const automatic = records.filter((r) => !r.index.notAutomatic);
  return (automatic.length > 0 ? automatic : records).map(versionOf).sort(compareVersions).at(-1);
}

function unavailable(wanted: Wanted, offered: readonly PackageRecord[], all: readonly PackageRecord[]): string {
  const where = wanted.repo ? ` in '${wanted.repo}'` : '';
  const list = (records: readonly PackageRecord[]): string =>
    [...new Set(records.map((r) => `${versionOf(r)} (${r.index.source.id} ${r.index.source.suite})`))].join(', ');
  return `'${wanted.text}'${where}: there is ${list(offered.length > 0 ? offered : all) || 'none'}`;
}
