import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PackageDifference, Sysroot } from '@apt-ostree/host';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import type { Advisory } from './advisory.ts';
import { baseCommit } from './change/base-commit.ts';

/** What the last look for an upgrade found, so that `status` can tell of it. */
const FILE = '/var/cache/apt-ostree/cached-update.json';

export interface CachedUpdate {
  stateroot: string;
  /** A newer base, of which only the metadata need be here; undefined where only what is layered is newer. */
  commit: CommitInfo | undefined;
  difference: PackageDifference | undefined;
  /** What ran when it was found. */
  booted: CommitInfo;
  advisories: readonly Advisory[];
}

/** What was found: the checksum of a newer base, and how the packages would differ. */
export interface FoundUpdate {
  commit: string | undefined;
  difference: PackageDifference | undefined;
  advisories: readonly Advisory[];
}

/** Remembers what was found, or that there is nothing: of the system that runs, where /var can be written. */
export function rememberUpdate(sysroot: Sysroot, stateroot: string, found: FoundUpdate | undefined): void {
  if (sysroot.booted?.stateroot !== stateroot) return;
  try {
    rmSync(FILE, { force: true });
    if (found === undefined) return;
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(`${FILE}.new`, JSON.stringify({ stateroot, ...found, booted: sysroot.booted.checksum }));
    renameSync(`${FILE}.new`, FILE);
  } catch {
    // status does not tell of it
  }
}

/** Undefined for none, for one that was found before the last boot into another commit, and for one that is deployed. */
export function cachedUpdate(sysroot: Sysroot): CachedUpdate | undefined {
  const { booted } = sysroot;
  const found = read(sysroot);
  if (booted === undefined || found === undefined) return undefined;
  if (sysroot.deployments.some((d) => baseCommit(sysroot, d) === found.commit)) return undefined;
  try {
    return {
      ...{ stateroot: booted.stateroot, difference: found.difference, advisories: found.advisories },
      commit: found.commit === undefined ? undefined : readCommit(sysroot.repo, found.commit),
      booted: readCommit(sysroot.repo, booted.checksum),
    };
  } catch {
    return undefined; // the commit is gone
  }
}

/** What was found out about the security updates of a commit, when it was looked for. */
export function advisoriesTo(sysroot: Sysroot, commit: string): readonly Advisory[] {
  const found = read(sysroot);
  return found?.commit === commit ? found.advisories : [];
}

/** Undefined where nobody looked since the last boot into another commit. */
function read({ booted }: Sysroot): FoundUpdate | undefined {
  try {
    const found = JSON.parse(readFileSync(FILE, 'utf8'));
    if (found.booted !== booted?.checksum || found.stateroot !== booted?.stateroot) return undefined;
    return { ...found, advisories: Array.isArray(found.advisories) ? found.advisories : [] };
  } catch {
    return undefined;
  }
}
