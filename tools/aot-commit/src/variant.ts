/** A value of the metadata of a commit, in the GVariant types that we write. */
export type Variant =
  | { type: 's'; value: string }
  | { type: 'b'; value: boolean }
  | { type: 'x' | 't' | 'u'; value: number }
  | { type: 'd'; value: number }
  | { type: 'as'; value: readonly string[] }
  | { type: 'a(sssss)'; value: readonly (readonly string[])[] }
  | { type: 'av'; value: readonly Variant[] }
  | { type: 'a{sv}'; value: Readonly<Record<string, Variant>> }
  | { type: 'aa{sv}'; value: readonly Readonly<Record<string, Variant>>[] };

/** The metadata of a commit, by key. */
export type Metadata = Record<string, Variant>;

/** A JSON value as a variant, as json-glib makes it: numbers are int64 or double, arrays av, objects a{sv}. */
export function fromJson(value: unknown): Variant {
  if (typeof value === 'string') return { type: 's', value };
  if (typeof value === 'boolean') return { type: 'b', value };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'x' : 'd', value };
  if (Array.isArray(value)) return { type: 'av', value: value.filter((v) => v !== null).map(fromJson) };
  const members = Object.entries((value ?? {}) as object).filter(([, v]) => v !== null);
  return { type: 'a{sv}', value: Object.fromEntries(members.map(([k, v]) => [k, fromJson(v)])) };
}

/** GVariant's text format: "GVariant Text Format" in GLib's manual. */
export function toText(v: Variant): string {
  switch (v.type) {
    case 's':
      return text(v.value);
    case 'b':
      return String(v.value);
    case 'x':
      return `int64 ${v.value}`;
    case 't':
      return `uint64 ${v.value}`;
    case 'u':
      return `uint32 ${v.value}`;
    case 'd':
      return Number.isInteger(v.value) ? v.value.toFixed(1) : String(v.value);
    case 'as':
      return `@as [${v.value.map(text).join(', ')}]`;
    case 'a(sssss)':
      return `@a(sssss) [${v.value.map((row) => `(${row.map(text).join(', ')})`).join(', ')}]`;
    case 'av':
      return `@av [${v.value.map((e) => `<${toText(e)}>`).join(', ')}]`;
    case 'a{sv}':
      return `@a{sv} ${dictionary(v.value)}`;
    case 'aa{sv}':
      return `@aa{sv} [${v.value.map(dictionary).join(', ')}]`;
  }
}

const text = (value: string): string =>
  `'${value.replace(/[\\']/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;

const dictionary = (value: Readonly<Record<string, Variant>>): string =>
  `{${Object.entries(value)
    .map(([k, v]) => `${text(k)}: <${toText(v)}>`)
    .join(', ')}}`;
