/** What came, changed and went in a tree: absolute paths, each list sorted. */
export interface Changes {
  created: string[];
  changed: string[];
  removed: string[];
}

export const noChanges = (): Changes => ({ created: [], changed: [], removed: [] });

/** Two looks in a row as one: what was made and removed in between never was. */
export function mergeChanges(first: Changes, second: Changes): Changes {
  const [created, changed, removed] = [new Set(first.created), new Set(first.changed), new Set(first.removed)];
  for (const path of second.created) {
    if (removed.delete(path)) changed.add(path);
    else created.add(path);
  }
  for (const path of second.changed) if (!created.has(path)) changed.add(path);
  for (const path of second.removed) {
    changed.delete(path);
    if (!created.delete(path)) removed.add(path);
  }
  return { created: [...created].sort(), changed: [...changed].sort(), removed: [...removed].sort() };
}
