/** A value of the metadata of a commit, in the GVariant types that we write. */
export type Variant =
  | { type: 's'; value: string }
  | { type: 'b'; value: boolean }
  | { type: 'x' | 't' | 'u'; value: number }
  | { type: 'd'; value: number }
  | { type: 'ay'; value: Uint8Array }
  | { type: 'as'; value: readonly string[] }
  | { type: 'a(sssss)'; value: readonly (readonly string[])[] }
  | { type: 'av'; value: readonly Variant[] }
  | { type: 'a{sv}'; value: Readonly<Record<string, Variant>> }
  | { type: 'aa{sv}'; value: readonly Readonly<Record<string, Variant>>[] };

/** The metadata of a commit, by key. */
export type CommitMetadata = Record<string, Variant>;

/** A JSON value as a variant, as json-glib makes it: numbers are int64 or double, arrays av, objects a{sv}. */
export function fromJson(value: unknown): Variant {
  if (typeof value === 'string') return { type: 's', value };
  if (typeof value === 'boolean') return { type: 'b', value };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'x' : 'd', value };
  if (Array.isArray(value)) return { type: 'av', value: value.filter((v) => v !== null).map(fromJson) };
  const members = Object.entries((value ?? {}) as object).filter(([, v]) => v !== null);
  return { type: 'a{sv}', value: Object.fromEntries(members.map(([k, v]) => [k, fromJson(v)])) };
}
