import { findKey } from '../keys.ts';
import type { Place } from '../place.ts';
import { suggest } from '../suggest.ts';

/** A string without NUL, which no file, argument or environment could hold. */
export function string(value: unknown, place: Place): string {
  if (typeof value !== 'string') throw place.wrongType('a string', value);
  if (value.includes('\0')) throw place.error(`NUL byte in key '${place.key}'`);
  return value;
}

export function boolean(value: unknown, place: Place): boolean {
  if (typeof value !== 'boolean') throw place.wrongType('true or false', value);
  return value;
}

export function integer(value: unknown, place: Place): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw place.wrongType('a whole number', value);
  return value as number;
}

export const stringOrInteger = (value: unknown, place: Place): string | number =>
  typeof value === 'number' ? integer(value, place) : string(value, place);

export function character(value: unknown, place: Place): string {
  if (!/^[!-~]$/.test(string(value, place)))
    throw place.error(`wrong value for key '${place.key}'`, { detail: 'it must be one printable ASCII character' });
  return value as string;
}

export function edition(value: unknown, place: Place): string {
  const text = String(stringOrInteger(value, place));
  if (text !== '2014' && text !== '2024')
    throw place.error(`unknown edition '${text}'`, { hint: 'there are 2014 and 2024' });
  return text;
}

/** One of the values that the table of keys lists. */
export function oneOf(value: unknown, place: Place): string {
  const key = findKey(String(place.steps[0]))!;
  const text = key.synonyms?.[string(value, place)] ?? (value as string);
  if (key.values?.includes(text)) return text;
  const near = suggest(text, key.values ?? []);
  throw place.error(`unknown value '${text}' for key '${place.key}'`, {
    hint: near ? `did you mean '${near}'?` : `it may be ${key.values?.join(', ')}`,
  });
}

/** A list, each element checked. */
export function listOf<T>(check: (value: unknown, place: Place) => T, what: string) {
  return (value: unknown, place: Place): T[] => {
    if (!Array.isArray(value)) throw place.wrongType(what, value);
    return value.map((element, i) => check(element, place.at(i)));
  };
}

export const strings = listOf(string, 'a list of strings');
export const someOf = listOf(oneOf, 'a list of strings');

/** A map, each value checked. */
export function mapOf<T>(check: (value: unknown, place: Place, name: string) => T, what: string) {
  return (value: unknown, place: Place): Record<string, T> => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw place.wrongType(what, value);
    return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, check(v, place.at(name), name)]));
  };
}

export const map = mapOf((value) => value, 'a map');
export const mapOfStrings = mapOf((value, place, name) => {
  checkFree(name, place);
  return string(value, place);
}, 'a map of strings');

export const variables = mapOf((value, place, name) => {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw place.error(`'${name}' is no name for a variable`);
  checkFree(name, place);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return integer(value, place);
  if (typeof value === 'string') return string(value, place);
  throw place.wrongType('a string, a whole number or a boolean', value);
}, 'a map of variables');

/** releasever and basearch are always set by us. */
function checkFree(name: string, place: Place): void {
  if (name !== 'releasever' && name !== 'basearch') return;
  throw place.error(`variable '${name}' is reserved`, {
    hint: name === 'releasever' ? "use the key 'releasever'" : 'it is set to the architecture of the tree',
  });
}
