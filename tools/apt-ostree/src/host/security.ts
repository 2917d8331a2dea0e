import { holdRoot, type IndexFile, indexFiles, isComplete, PackageIndex, readRelease } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { comparePackages } from '@apt-ostree/host';
import { type CommittedPackage, readCommit } from '@apt-ostree/ostree';
import { type Advisory, newOnes, rowsOf } from './advisory.ts';
import { openHostArchives } from './archives/host-archives.ts';
import type { Target } from './change/target.ts';

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
