import type { Place } from '../place.ts';
import { listOf, string } from './plain.ts';

/** systemd.unit(5): characters, then the type. */
const UNIT = /^[A-Za-z0-9:_.@\\-]+\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;

export function unit(value: unknown, place: Place): string {
  const name = string(value, place);
  if (name.length < 256 && UNIT.test(name)) return name;
  const bare = /^[A-Za-z0-9:_@-]+$/.test(name);
  throw place.error(`'${name}' is no systemd unit`, { hint: bare ? `write '${name}.service'` : undefined });
}

export const units = listOf(unit, 'a list of units');

/** As libostree's ostree_validate_rev: parts begin with a letter, digit or underscore. */
export const isRef = (name: string): boolean => /^(?:\w[-.+\w]*\/)*\w[-.+\w]*$/.test(name);

export const refs = listOf((value, place) => {
  const name = string(value, place);
  if (!isRef(name)) throw place.error(`'${name}' is no ref`);
  return name;
}, 'a list of refs');
