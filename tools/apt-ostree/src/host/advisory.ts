import type { PackageDifference } from '@apt-ostree/host';
import type { CommittedPackage } from '@apt-ostree/ostree';

/** With rpm-ostree's types: id, kind, severity, packages, more. */
export type Advisory = [id: string, kind: number, severity: number, packages: string[], more: Record<string, unknown>];

/** Of rpm-ostree's numbers: a security update, whose severity the archive does not say. */
const SECURITY = 1;
const UNKNOWN = 0;

/** What is there in a version that was not there before. */
export const newOnes = ({
  upgraded,
  added,
}: Pick<PackageDifference<CommittedPackage>, 'upgraded' | 'added'>): CommittedPackage[] => [
  ...upgraded.map((change) => change.to),
  ...added,
];

/** A row for each of their source packages. */
export function rowsOf(packages: readonly CommittedPackage[]): Advisory[] {
  const sources = new Map<string, string[]>();
  for (const { name, version, architecture, sourcePackage, sourceVersion } of packages) {
    const id = `${sourcePackage}_${sourceVersion}`;
    sources.set(id, [...(sources.get(id) ?? []), `${name}_${version}_${architecture}`]);
  }
  return [...sources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, all]) => [id, SECURITY, UNKNOWN, all.sort(), {}]);
}

/** How many there are, as rpm-ostree counts them by severity; nothing for none. */
export const advisoryCount = (rows: readonly Advisory[]): string | undefined =>
  rows.length === 0 ? undefined : `${rows.length} unknown severity`;

/** One line for each. */
export const advisoryLines = (rows: readonly Advisory[]): string[] =>
  rows.map(([id, , , packages]) => `${id}  Unknown  ${packages.join(' ')}`);
