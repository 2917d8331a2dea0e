import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { PACKAGE_STATE } from '@apt-ostree/dpkg';
import { mergeDeployment } from '@apt-ostree/host';
import { packageId, type ScriptRun } from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import known from '../../data/migrating.json' with { type: 'json' };
import type { Target } from './target.ts';

/** Data of a package on the machine, which its scripts did not see. */
export interface Migration {
  package: string;
  /** Absolute. */
  data: string;
  /** What its administrator should know; undefined where only the script record tells of it. */
  reason: string | undefined;
}

/**
 * Names the packages that are new, or of another version, and have data on this machine: their scripts ran beside it, in the
 * sandbox, where dpkg would have let them bring it up to date.
 */
export function noteMigrations(
  { sysroot, stateroot }: Target,
  commit: string,
  scripts: readonly ScriptRun[],
  context: Context,
): void {
  const current = mergeDeployment(sysroot, stateroot);
  if (current === undefined) return;
  const packages = (checksum: string) => (readCommit(sysroot.repo, checksum).packages ?? []).map(versioned);
  const before = new Set(packages(current.checksum).map((p) => p.id));
  const changed = packages(commit).filter((p) => !before.has(p.id));
  const state = join(sysroot.path, 'ostree/deploy', stateroot);
  const found = migrationsOf(changed, scripts).filter(({ data }) => isFilled(join(state, data)));
  for (const { package: name, data, reason } of found)
    context.note(
      `'${name}' has data in '${data}', which its scripts did not see: ${reason ?? 'look whether it has to be brought up to date'}`,
    );
}

const versioned = (p: { name: string; architecture: string; version: string }) => ({
  ...p,
  id: `${packageId(p)} ${p.version}`,
});

/** Where packages that changed may have data: those known for it, and those whose scripts made some in a tree's /var/lib. */
export function migrationsOf(
  changed: readonly { name: string; architecture: string }[],
  scripts: readonly ScriptRun[],
): Migration[] {
  return changed.flatMap((p): Migration[] => {
    const entry = known.find((k) => new RegExp(k.package).test(p.name));
    if (entry !== undefined) return [{ package: p.name, data: entry.data, reason: entry.reason }];
    const made = scripts
      .filter((run) => run.package === packageId(p))
      .flatMap((run) => [...run.created, ...run.changed]);
    return [...new Set(made.flatMap(dataOf))].map((data) => ({ package: p.name, data, reason: undefined }));
  });
}

/** The directory of /var/lib that a path is in; state that is kept with the tree is no data. */
function dataOf(path: string): string[] {
  const data = /^\/var\/lib\/[^/]+(?=\/)/.exec(path)?.[0];
  return data === undefined || PACKAGE_STATE.some((s) => `/${s.path}/`.startsWith(`${data}/`)) ? [] : [data];
}

/** Who may not look is told nothing. */
function isFilled(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch {
    return false;
  }
}
