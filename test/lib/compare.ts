import type { Entry } from './snapshot.ts';

export interface Difference {
  path: string;
  what: string;
}

/** Every path whose entry differs between two snapshots, with what differs. */
export function compare(ours: Map<string, Entry>, theirs: Map<string, Entry>): Difference[] {
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return paths.flatMap((path) => {
    const what = difference(ours.get(path), theirs.get(path));
    return what === undefined ? [] : [{ path, what }];
  });
}

function difference(ours: Entry | undefined, theirs: Entry | undefined): string | undefined {
  if (!ours) return `missing here (there: ${text(theirs)})`;
  if (!theirs) return `only here (${text(ours)})`;
  if (text(ours) === text(theirs)) return undefined;
  return `${text(ours)} instead of ${text(theirs)}`;
}

const text = (e: Entry | undefined): string =>
  e ? [e.type, e.mode, e.owner, e.content?.slice(0, 64) ?? '', e.xattrs ?? ''].join(' ').trim() : 'nothing';

export interface Allowance {
  path: string;
  reason: string;
}

/** Splits differences into those that the reviewed list allows and the rest; also says which rows of the list are unused. */
export function judge(
  differences: Difference[],
  allowed: Allowance[],
): { unexplained: Difference[]; unused: string[] } {
  const known = new Map(allowed.map((a) => [a.path, a.reason]));
  const seen = new Set(differences.map((d) => d.path));
  return {
    unexplained: differences.filter((d) => !known.has(d.path)),
    unused: allowed.map((a) => a.path).filter((path) => !seen.has(path)),
  };
}
