import type { Mark } from './journal.ts';

/** A deployment that was booted, once or several times in a row. */
export interface Entry {
  path: string;
  /** The entry of its making; undefined where the journal does not go back that far, or something else made it. */
  made: Mark | undefined;
  boots: number;
  firstBoot: number;
  lastBoot: number;
}

/**
 * Puts boots and deployments together, the last boot first. A path can be used again after its deployment was removed, so
 * that a boot belongs to the last deployment made there before it.
 * @param marks in the order of the journal
 */
export function entriesOf(marks: readonly Mark[]): Entry[] {
  const made = new Map<string, Mark>();
  const entries: Entry[] = [];
  for (const mark of marks) {
    if (mark.kind === 'deployment') {
      made.set(mark.path, mark);
      continue;
    }
    const last = entries.at(-1);
    const making = made.get(mark.path);
    if (last?.path === mark.path && last.made === making) {
      last.boots++;
      last.lastBoot = mark.time;
    } else {
      entries.push({ path: mark.path, made: making, boots: 1, firstBoot: mark.time, lastBoot: mark.time });
    }
  }
  return entries.reverse();
}
