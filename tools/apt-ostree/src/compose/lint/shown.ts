const MOST = 20;

/** A text for each of what was found; a long list is cut short, and its last text says so. */
export function shown<T>(found: readonly T[], describe: (item: T) => string): string[] {
  const texts = found.slice(0, MOST).map(describe);
  return found.length <= MOST ? texts : [...texts, `… and ${found.length - MOST} more`];
}
