import { AotError } from '@apt-ostree/errors';

/**
 * Splits a command line into words by the shell's quoting rules (POSIX, Shell Command Language 2.2): backslash, single and
 * double quotes. Nothing is expanded and no shell ever sees it, so `$`, `*`, `;` and `|` are ordinary characters.
 * @throws AotError `usage` for an unfinished quote or no word at all
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string;
    if (quote === '' && /\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === quote) quote = '';
    else if (quote === '' && (c === '"' || c === "'")) {
      quote = c;
      word ??= '';
    } else if (c === '\\' && escapes(quote, line[i + 1])) word = (word ?? '') + (line[++i] ?? '');
    else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  if (quote !== '') throw new AotError('usage', `cannot read the command '${line}': a quote is not closed`);
  if (words.length === 0) throw new AotError('usage', 'cannot use an empty command');
  return words;
}

/** In double quotes a backslash is one unless it stands before what it can quote. */
const escapes = (quote: string, next: string | undefined): boolean =>
  quote === '' || (quote === '"' && next !== undefined && '$`"\\\n'.includes(next));
