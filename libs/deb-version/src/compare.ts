import { parseVersion, type Version } from './parse.ts';

/**
 * Compares two versions as dpkg does: epochs as numbers, then upstream versions, then revisions, by the rules of Debian
 * policy section 5.6.12.
 * @returns a negative number, 0 or a positive number; fit for sorting
 * @throws VersionError for a text that is no version
 */
export function compareVersions(a: string | Version, b: string | Version): number {
  if (a === b) return 0;
  const x = typeof a === 'string' ? parseVersion(a) : a;
  const y = typeof b === 'string' ? parseVersion(b) : b;
  return x.epoch - y.epoch || compareParts(x.upstream, y.upstream) || compareParts(x.revision, y.revision);
}

/** The relations of dependency fields. */
export type Relation = '<<' | '<=' | '=' | '>=' | '>>';

/** Whether `a relation b` holds, as in `satisfies('1.2-1', '>=', '1.0')`. */
export function satisfies(a: string | Version, relation: Relation, b: string | Version): boolean {
  const order = compareVersions(a, b);
  switch (relation) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/** Runs of non-digits and runs of digits in turn; both ends count as an empty run. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j);
      if (difference !== 0) return difference;
      i++;
      j++;
    }
    const left = digits(a, i);
    const right = digits(b, j);
    const difference = compareNumbers(a.slice(i, left), b.slice(j, right));
    if (difference !== 0) return difference;
    i = left;
    j = right;
  }
  return 0;
}

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
};

/** A tilde comes before everything, even the end; then the end (and a digit), letters, all else. */
function weight(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 126) return -1;
  const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return letter ? code : code + 256;
}

function digits(text: string, from: number): number {
  let end = from;
  while (end < text.length && isDigit(text, end)) end++;
  return end;
}

/** Numbers of any length: dates and hashes in versions exceed what a double holds. */
function compareNumbers(a: string, b: string): number {
  const x = a.replace(/^0+/, '');
  const y = b.replace(/^0+/, '');
  if (x.length !== y.length) return x.length - y.length;
  return x < y ? -1 : x > y ? 1 : 0;
}
