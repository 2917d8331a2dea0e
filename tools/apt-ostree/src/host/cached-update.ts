import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sysroot } from '@apt-ostree/host';
import { type CommitInfo, readCommit } from '@apt-ostree/ostree';
import type { Advisory } from './security.ts';

/** What the last look for an upgrade found, so that `status` can tell of it. */
const FILE = '/var/cache/apt-ostree/cached-update.json';

export interface CachedUpdate {
  stateroot: string;
  /** What would be deployed; only its metadata need be here. */
  commit: CommitInfo;
  /** What ran when it was found. */
  booted: CommitInfo;
  advisories: Advisory[];
}

/** Remembers a newer commit, or that there is none: of the system that runs, where /var can be written. */
export function rememberUpdate(
  sysroot: Sysroot,
  stateroot: string,
  commit: string | undefined,
  advisories: readonly Advisory[] = [],
): void {
  if (sysroot.booted?.stateroot !== stateroot) return;
  try {
    rmSync(FILE, { force: true });
    if (commit === undefined) return;
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(`${FILE}.new`, JSON.stringify({ stateroot, commit, booted: sysroot.booted.checksum, advisories }));
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
  if (sysroot.deployments.some((d) => d.checksum === found.commit)) return undefined;
  try {
    return {
      ...{ stateroot: booted.stateroot, advisories: found.advisories },
      commit: readCommit(sysroot.repo, found.commit),
      booted: readCommit(sysroot.repo, booted.checksum),
    };
  } catch {
    return undefined; // the commit is gone
  }
}

/** What was found out about the security updates of a commit, when it was looked for. */
export function advisoriesTo(sysroot: Sysroot, commit: string): Advisory[] {
  const found = read(sysroot);
  return found?.commit === commit ? found.advisories : [];
}

/** Undefined where nobody looked since the last boot into another commit. */
function read({ booted }: Sysroot): { commit: string; advisories: Advisory[] } | undefined {
  try {
    const found = JSON.parse(readFileSync(FILE, 'utf8'));
    if (found.booted !== booted?.checksum || found.stateroot !== booted?.stateroot) return undefined;
    if (typeof found.commit !== 'string') return undefined;
    return { commit: found.commit, advisories: Array.isArray(found.advisories) ? found.advisories : [] };
  } catch {
    return undefined;
  }
}
