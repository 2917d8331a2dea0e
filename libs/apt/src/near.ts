/** Up to three known names that are one slip away from `wanted`: for hints. */
export function nearNames(wanted: string, known: Iterable<string>): string[] {
  const close: [number, string][] = [];
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) > 2 || name[0] !== wanted[0]) continue;
    const d = distance(name, wanted);
    if (d <= (wanted.length > 4 ? 2 : 1)) close.push([d, name]);
  }
  return close
    .sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    .slice(0, 3)
    .map(([, name]) => name);
}

/** Edit distance in which swapping two neighbours counts once. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, (before[j - 2] ?? 0) + 1);
      next.push(d);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
