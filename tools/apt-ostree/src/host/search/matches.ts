import { readFileSync } from 'node:fs';
import type { IndexFile } from '@apt-ostree/apt';

export interface Found {
  name: string;
  summary: string;
  /** Where a term is. */
  by: 'both' | 'name' | 'summary';
}

/**
 * The summaries of the packages in Packages files, by name. The files have tens of megabytes: only two lines of each record
 * are looked at.
 */
export function summaries(files: readonly string[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const file of files) {
    let name = '';
    for (const [, field, value = ''] of file.matchAll(/^(Package|Description): (.*)$/gm)) {
      if (field === 'Package') name = value.trim();
      else if (!result.has(name)) result.set(name, value.trim());
    }
  }
  return result;
}

/** Of index files. */
export const summariesOf = (files: readonly IndexFile[]): Map<string, string> =>
  summaries(files.map(({ file }) => readFileSync(file, 'utf8')));

/** Those where one of the terms is in the name or in the summary, by name. */
export function matches(packages: ReadonlyMap<string, string>, terms: readonly string[]): Found[] {
  const tests = terms.map(termTest);
  const found: Found[] = [];
  for (const [name, summary] of packages) {
    const [inName, inSummary] = [name, summary].map((text) => tests.some((fits) => fits(text)));
    if (!inName && !inSummary) continue;
    found.push({ name, summary, by: inName && inSummary ? 'both' : inName ? 'name' : 'summary' });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A word is looked for anywhere; a glob stands for the whole text. */
function termTest(term: string): (text: string) => boolean {
  if (!/[*?[]/.test(term)) {
    const word = term.toLowerCase();
    return (text) => text.toLowerCase().includes(word);
  }
  const pattern = new RegExp(`^${globPattern(term)}$`, 'is');
  return (text) => pattern.test(text);
}

/** A bracket that is never closed stands for itself. */
const globPattern = (glob: string): string =>
  glob.replace(/\[(!?)([^\]/]+)\]|\*+|\?|[^A-Za-z0-9]/g, (part, not: string, characters: string) => {
    if (part.startsWith('*')) return '.*';
    if (part === '?') return '.';
    if (characters === undefined) return `\\${part}`;
    return `[${not === '!' ? '^' : ''}${characters.replace(/[\\\]^]/g, '\\$&')}]`;
  });
