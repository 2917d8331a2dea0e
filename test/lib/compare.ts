import type { Entry } from './snapshot.ts';

/**
 * What of a path differs: it is only here or only there, or the entries differ in a field. `order` is the content of a
 * table of accounts that has the same lines in another order.
 */
export type Field = 'only here' | 'only there' | 'type' | 'mode' | 'owner' | 'content' | 'order' | 'xattrs';

export interface Difference {
  path: string;
  fields: Field[];
  what: string;
}

/** Every path whose entry differs between two snapshots, with what differs. */
export function compare(ours: Map<string, Entry>, theirs: Map<string, Entry>): Difference[] {
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return paths.flatMap((path) => {
    const [here, there] = [ours.get(path), theirs.get(path)];
    const fields = difference(here, there);
    return fields.length === 0 ? [] : [{ path, fields, what: `${text(here)} instead of ${text(there)}` }];
  });
}

function difference(ours: Entry | undefined, theirs: Entry | undefined): Field[] {
  if (!ours) return ['only there'];
  if (!theirs) return ['only here'];
  const fields = (['type', 'mode', 'owner', 'content', 'xattrs'] as const).filter((f) => ours[f] !== theirs[f]);
  const sameLines = ours.lines !== undefined && ours.lines === theirs.lines;
  return fields.map((field) => (field === 'content' && sameLines ? 'order' : field));
}

const text = (e: Entry | undefined): string =>
  e ? [e.type, e.mode, e.owner, e.content?.slice(0, 64) ?? '', e.xattrs ?? ''].join(' ').trim() : 'nothing';

/** A row of the reviewed list: in what a path may differ, and why. */
export interface Allowance {
  path: string;
  may: readonly Field[];
  reason: string;
}

/**
 * Splits differences into those that the reviewed list allows and the rest. A row allows no more than its fields; fields
 * and rows that no difference needs are unused.
 */
export function judge(
  differences: readonly Difference[],
  allowed: readonly Allowance[],
): { unexplained: Difference[]; unused: string[] } {
  const may = new Map(allowed.map((a) => [a.path, a.may]));
  const found = new Map(differences.map((d) => [d.path, d.fields]));
  return {
    unexplained: differences.filter(({ path, fields }) => !fields.every((field) => may.get(path)?.includes(field))),
    unused: allowed.flatMap(({ path, may }) =>
      may.filter((field) => !found.get(path)?.includes(field)).map((field) => `${path}: ${field}`),
    ),
  };
}
