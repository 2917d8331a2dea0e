import { type Dictionary, Variant } from '@apt-ostree/dbus';

/** Members of `status --json` whose type on the bus is not told by their value. */
const TYPES: Record<string, string> = {
  serial: 'i',
  timestamp: 't',
  'base-timestamp': 't',
  'pending-base-timestamp': 't',
  total: 't',
  'total-size': 't',
  'n-removed': 't',
  'removed-size': 't',
  'n-added': 't',
  'added-size': 't',
  'custom-origin': '(ss)',
  packages: 'as',
  'requested-base-remote-replacements': 'a(sas)',
};

/** Members that are lists of tuples, each of them a variant. */
const LISTS_OF_TUPLES = ['signatures', 'base-removals'];

type Json = Record<string, unknown>;

/** A deployment, or an update, as `a{sv}` with rpm-ostree's types. */
export const dictionary = (json: Json): Dictionary =>
  new Map(Object.entries(json).flatMap(([key, value]) => (value === null ? [] : [[key, member(key, value)]])));

function member(key: string, value: unknown): Variant {
  const type = TYPES[key];
  if (type !== undefined) return new Variant(type, type === 't' ? BigInt(value as number) : value);
  if (LISTS_OF_TUPLES.includes(key)) return new Variant('av', (value as unknown[][]).map(tuple));
  if (key === 'base-local-replacements')
    return new Variant(
      'a(vv)',
      (value as unknown[][][]).map(([now = [], old = []]) => [tuple(now), tuple(old)]),
    );
  if (key === 'advisories') return new Variant('a(suuasa{sv})', (value as AdvisoryRow[]).map(advisory));
  if (key === 'rpm-diff') return new Variant('a{sv}', differences(value as Record<string, unknown[][]>));
  return variantOf(value);
}

type AdvisoryRow = [id: string, kind: number, severity: number, packages: string[], more: Json];

const advisory = ([id, kind, severity, packages, more]: AdvisoryRow): unknown[] => [
  ...[id, kind, severity, packages],
  dictionary(more),
];

/** Whatever JSON may hold: lists of one kind of texts are `as`, others `av`. */
export function variantOf(value: unknown): Variant {
  if (typeof value === 'string') return new Variant('s', value);
  if (typeof value === 'boolean') return new Variant('b', value);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? new Variant('x', BigInt(value)) : new Variant('d', value);
  if (Array.isArray(value))
    return value.every((v) => typeof v === 'string')
      ? new Variant('as', value)
      : new Variant('av', value.filter((v) => v !== null).map(variantOf));
  return new Variant('a{sv}', dictionary((value ?? {}) as Json));
}

/** A list of mixed things as a struct. */
function tuple(values: readonly unknown[]): Variant {
  const parts = values.map(variantOf);
  return new Variant(
    `(${parts.map((p) => p.signature).join('')})`,
    parts.map((p) => p.value),
  );
}

const differences = ({
  upgraded = [],
  downgraded = [],
  removed = [],
  added = [],
}: Record<string, unknown[][]>): Dictionary =>
  new Map([
    ['upgraded', new Variant('a(us(ss)(ss))', upgraded)],
    ['downgraded', new Variant('a(us(ss)(ss))', downgraded)],
    ['removed', new Variant('a(usss)', removed)],
    ['added', new Variant('a(usss)', added)],
  ]);

/** The rows of `db diff --format=json` as `a(sua{sv})`. */
export const packageRows = (rows: [string, number, Record<string, string[]>][]): unknown[] =>
  rows.map(([name, type, packages]) => [
    name,
    type,
    new Map(Object.entries(packages).map(([key, value]) => [key, new Variant('(sss)', value)])),
  ]);
