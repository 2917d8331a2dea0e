import { fileBeside } from '../files-beside.ts';
import type { Place } from '../place.ts';
import { members } from './debian.ts';
import { integer, mapOf, string } from './plain.ts';

const TYPES = ['none', 'previous', 'file', 'data'];

/** check-passwd and check-groups: `file` needs filename, `data` needs entries. */
export function check(value: unknown, place: Place): object {
  const { type, filename, entries: given } = members(value, place, ['type', 'filename', 'entries']);
  const kind = string(type ?? null, place.at('type'));
  if (!TYPES.includes(kind))
    throw place.at('type').error(`unknown value '${kind}' for key '${place.key}.type'`, {
      hint: `it may be ${TYPES.join(', ')}`,
    });
  need(kind === 'file', filename, 'filename', kind, place);
  need(kind === 'data', given, 'entries', kind, place);
  if (kind === 'file')
    return { type: kind, filename: fileBeside(string(filename, place.at('filename')), place.at('filename')) };
  return kind === 'data' ? { type: kind, entries: entries(given, place.at('entries')) } : { type: kind };
}

function need(needed: boolean, value: unknown, name: string, kind: string, place: Place): void {
  if (needed === (value !== undefined)) return;
  const problem = needed
    ? `'${place.key}' of type '${kind}' needs '${name}'`
    : `'${place.key}.${name}' goes with another type`;
  throw place.error(problem, {
    hint: name === 'filename' ? 'it belongs to the type file' : 'it belongs to the type data',
  });
}

/** A number, or a list of a user's and a group's number. */
const entries = mapOf((value, place) => {
  if (!Array.isArray(value)) return integer(value, place);
  if (value.length < 1 || value.length > 2) throw place.wrongType('a number or a list of one or two numbers', value);
  return value.map((v, i) => integer(v, place.at(i)));
}, 'a map of names to numbers');
