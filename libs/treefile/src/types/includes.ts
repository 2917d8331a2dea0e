import type { Place } from '../place.ts';
import { architecture, members } from './debian.ts';
import { listOf, mapOf, string, strings } from './plain.ts';

/** A treefile that stands in place. */
export type Inline = Record<string, unknown>;

export interface Conditional {
  if: string[];
  include: string[] | Inline;
}

/** A path or a list of paths, as a list. */
export const include = (value: unknown, place: Place): string[] =>
  typeof value === 'string' ? [string(value, place)] : strings(value, place);

/** Includes by Debian's names of architectures. */
export function archInclude(value: unknown, place: Place): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const [name, paths] of Object.entries(mapOf(include, 'a map of architectures to includes')(value, place))) {
    const key = architecture(name, place.at(name));
    result[key] = [...(result[key] ?? []), ...paths];
  }
  return result;
}

export const conditionalInclude = listOf((value, place): Conditional => {
  const { if: given, include: what } = members(value, place, ['if', 'include']);
  if (given === undefined || what === undefined)
    throw place.error(`'conditional-include' needs 'if' and 'include'`, { hint: "as in '- if: x == 1'" });
  const inline = typeof what === 'object' && what !== null && !Array.isArray(what);
  return {
    if: include(given, place.at('if')),
    include: inline ? (what as Inline) : include(what, place.at('include')),
  };
}, 'a list of maps with if and include');
