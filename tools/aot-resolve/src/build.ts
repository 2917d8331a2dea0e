import {
  type AptRoot,
  essentialClosure,
  type IndexFile,
  type PackageIndex,
  readRelease,
  type Solution,
} from '@apt-ostree/apt';
import { type IndexItem, packageId } from '@apt-ostree/manifest';
import type { LocalDeb } from './layer/local.ts';
import { packageItem, recordOf } from './package-item.ts';
import type { Resolved } from './resolved.ts';
import type { Wanted } from './wanted.ts';

/** Makes the solver's answer and the index records into what the manifest says. */
export function build(
  root: AptRoot,
  files: readonly IndexFile[],
  index: PackageIndex,
  solution: Solution,
  wanted: readonly Wanted[],
  apt: string,
  local: readonly LocalDeb[] = [],
): Resolved {
  const indices = indicesOf(files);
  const chosen = new Set(solution.chosen.map(packageId));
  const given = new Map(local.map(({ item }) => [packageId(item), item] as const).filter(([id]) => chosen.has(id)));
  const records = solution.chosen.filter((c) => !given.has(packageId(c))).map((c) => recordOf(c, index));
  const essential = essentialClosure(records, solution.plan);
  const closure = new Set(essential);
  const manual = manualNames(wanted);
  const [native = '', ...foreign] = root.architectures;
  const packages = records.map((record) => {
    const id = packageId({
      name: record.stanza.get('Package') ?? '',
      architecture: record.stanza.get('Architecture') ?? '',
    });
    const asked = manual.has(id) || manual.has(id.replace(new RegExp(`:(${native}|all)$`), ''));
    const release = indices.get(record.index.release)?.sha256 ?? '';
    return packageItem(record, { automatic: !asked, essential: closure.has(id), release });
  });
  return {
    architecture: native,
    foreignArchitectures: foreign,
    apt: { version: apt },
    indices: [...indices.values()].sort((a, b) => order(`${a.id} ${a.suite}`, `${b.id} ${b.suite}`)),
    packages: [...packages, ...given.values()].sort((a, b) => order(packageId(a), packageId(b))),
    plan: solution.plan,
    essential,
  };
}

/** One item for every Release file, by its path. */
function indicesOf(files: readonly IndexFile[]): Map<string, IndexItem> {
  const indices = new Map<string, IndexItem>();
  for (const { release, source } of files)
    if (!indices.has(release)) indices.set(release, readRelease(release, source));
  return indices;
}

/** What was asked for, as `name` or `name:architecture`. */
const manualNames = (wanted: readonly Wanted[]): Set<string> =>
  new Set(wanted.map(({ name, architecture }) => (architecture === undefined ? name : `${name}:${architecture}`)));

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
