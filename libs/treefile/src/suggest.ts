/** The candidate that a mistyped word most likely meant, at most two edits away (three for long words). */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = word.length > 8 ? 4 : 3;
  for (const candidate of candidates) {
    const edits = distance(normal(word), normal(candidate));
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

const normal = (word: string): string => word.toLowerCase().replaceAll('_', '-').slice(0, 64);

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
