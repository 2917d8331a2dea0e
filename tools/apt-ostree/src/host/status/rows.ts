/** As wide as the longest key, InactiveRemoteOverrides, and two columns for the dot. */
const WIDTH = 25;
/** However narrow the terminal. */
const NARROWEST = 64;

/** A line `Key: value`; none where there is no value. Without a key it goes on below the value before. */
export function row(key: string, value: string | undefined): string[] {
  if (value === undefined) return [];
  return [`${key.padStart(WIDTH)}${key === '' ? ' ' : ':'} ${value}`];
}

/** Words in the order of the alphabet, on as many lines as they need. */
export function wordsRow(key: string, words: readonly string[], columns = 80): string[] {
  const width = Math.max(NARROWEST, columns - WIDTH - 2);
  const lines: string[] = [];
  for (const word of [...words].sort(byLetters)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.flatMap((line, i) => row(i === 0 ? key : '', line));
}

/** One value a line. */
export const linesRow = (key: string, values: readonly string[]): string[] =>
  [...values].sort(byLetters).flatMap((value, i) => row(i === 0 ? key : '', value));

function byLetters(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}
