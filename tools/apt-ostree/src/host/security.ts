import { holdRoot, type IndexFile, indexFiles, isComplete, PackageIndex, readRelease } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { comparePackages, type PackageDifference } from '@apt-ostree/host';
import { type CommittedPackage, readCommit } from '@apt-ostree/ostree';
import { openHostArchives } from './archives/host-archives.ts';
import type { Target } from './change/target.ts';

/** With rpm-ostree's types: id, kind, severity, packages, more. */
export type Advisory = [id: string, kind: number, severity: number, packages: string[], more: Record<string, unknown>];

/** Of rpm-ostree's numbers: a security update, whose severity the archive does not say. */
const SECURITY = 1;
const UNKNOWN = 0;

/** As the Release file of Debian's security archive calls it. */
const LABEL = 'Debian-Security';

/**
 * Security updates that another commit brings: a row for each source package of which a new version is in a suite of the
 * security archive. Known from the indices that the host has; a host without them knows none.
 */
export async function advisoriesOf(target: Target, from: string, to: string): Promise<Advisory[]> {
  const [before, after] = [from, to].map((commit) => readCommit(target.sysroot.repo, commit).packages);
  if (!before || !after) return [];
  const { upgraded, added } = comparePackages(before, after);
  const secured = await inSecurityArchive(target);
  return rowsOf(newOnes({ upgraded, added }).filter(secured));
}

/** What is there in a version that was not there before. */
export const newOnes = ({
  upgraded,
  added,
}: Pick<PackageDifference<CommittedPackage>, 'upgraded' | 'added'>): CommittedPackage[] => [
  ...upgraded.map((change) => change.to),
  ...added,
];

/** The commit that runs, or the one that boots next where none does. */
export const running = ({ sysroot, base }: Target): string => (sysroot.booted ?? base).checksum;

/** No archives: what is not known is not told. */
async function inSecurityArchive(target: Target): Promise<(p: CommittedPackage) => boolean> {
  try {
    return await securedBy(target);
  } catch {
    return () => false;
  }
}

/**
 * Tells whether a package is in the security archive, in that version.
 * @throws AotError where the host has no indices of its archives, or we may not read them
 */
export async function securedBy(target: Target): Promise<(p: CommittedPackage) => boolean> {
  const index = await securityIndex(target);
  return ({ name, version }) => index.records(name).some(({ stanza }) => stanza.get('Version') === version);
}

async function securityIndex(target: Target): Promise<PackageIndex> {
  const { root } = await openHostArchives(target);
  if (!isComplete(root)) throw noIndices();
  const held = await holdRoot(root);
  try {
    return new PackageIndex((await indexFiles(root)).filter(isSecurity));
  } finally {
    await held.release();
  }
}

const noIndices = (): AotError =>
  new AotError('failed', 'cannot tell advisories: this host has no indices of its archives', {
    code: 'no-indices',
    hint: "'apt-ostree refresh-md' fetches them",
  });

const isSecurity = ({ release, source }: IndexFile): boolean => readRelease(release, source).label === LABEL;

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
