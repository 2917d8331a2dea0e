import { formatPackageRequest, parsePackageRequest } from './package-request.ts';
import type { Place } from './place.ts';

/** Splits a string at white space, but not inside single quotes: `"a 'b >= 1'"` are two requests. */
export function splitPackages(text: string, place: Place): string[] {
  const words = text.match(/'[^']*'|[^\s']+|'/g) ?? [];
  return words.map((word) => request(word, place));
}

function request(word: string, place: Place): string {
  if (word === "'") throw place.error('single quote without its partner', { code: 'bad-package' });
  const parsed = parsePackageRequest(word.replace(/^'(.*)'$/s, '$1'));
  if (parsed) return formatPackageRequest(parsed);
  throw place.error(`'${word.slice(0, 80)}' is no package`, { code: 'bad-package', hint: wayOut(word) });
}

function wayOut(word: string): string {
  if (/^[<>=]+$/.test(word)) return `keep a version with its package by single quotes: "'name ${word} version'"`;
  if (/[A-Z]/.test(word)) return 'names of Debian packages are lower case';
  if (/[*?^]/.test(word)) return 'patterns and tasks are not supported; name the packages';
  return 'write a name, and perhaps :architecture, =version or /suite';
}
