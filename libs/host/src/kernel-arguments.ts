import { AotError } from '@apt-ostree/errors';

/** What to do with kernel arguments, each in the order given: deletions first, then replacements, then additions. */
export interface Edits {
  /** `KEY[=VALUE]`; one that is not there is an error. */
  delete?: readonly string[];
  deleteIfPresent?: readonly string[];
  /** `KEY=VALUE` or `KEY=VALUE=NEW`. */
  replace?: readonly string[];
  append?: readonly string[];
  appendIfMissing?: readonly string[];
}

/**
 * Changes kernel arguments as rpm-ostree's kargs does, with libostree's refusals.
 * @returns the new list; the old one stays
 * @throws AotError `usage` for what cannot be an argument, `failed` for an edit that does not fit the arguments
 */
export function editArguments(current: readonly string[], edits: Edits): string[] {
  for (const text of Object.values(edits).flat()) checkArgument(text);
  const list = [...current];
  for (const text of edits.delete ?? []) list.splice(find(list, text), 1);
  for (const text of edits.deleteIfPresent ?? []) if (list.includes(text)) list.splice(list.lastIndexOf(text), 1);
  for (const text of edits.replace ?? []) replace(list, text);
  list.push(...(edits.append ?? []));
  for (const text of edits.appendIfMissing ?? []) if (!list.includes(text)) list.push(text);
  return list;
}

/** `ostree=` is libostree's own, and what is not one word would become several in the boot loader's entry. */
export function checkArgument(text: string): void {
  const wrong = text === '' || text.startsWith('=') ? 'it has no key' : notOneWord(text);
  if (wrong) throw new AotError('usage', `cannot use the kernel argument '${text.replace(/\n/g, '\\n')}': ${wrong}`);
  if (keyOf(text) === 'ostree')
    throw new AotError('usage', "cannot use the kernel argument 'ostree': it names the deployment to boot", {
      hint: 'libostree writes it by itself',
    });
}

function notOneWord(text: string): string | undefined {
  if (/[\0\n\r]/.test(text)) return 'it has more than one line';
  const bare = text.replace(/"[^"]*"/g, '');
  if (bare.includes('"')) return 'a quotation mark is not closed';
  return /\s/.test(bare) ? 'it has a space outside of quotation marks' : undefined;
}

const keyOf = (text: string): string => text.split('=', 1)[0] as string;
const valueIn = (text: string): string | undefined =>
  text.includes('=') ? text.slice(text.indexOf('=') + 1) : undefined;

/** Where the argument is that `KEY` or `KEY=VALUE` means. */
function find(list: readonly string[], text: string): number {
  if (valueIn(text) === undefined) return findOnly(list, text);
  const at = list.indexOf(text);
  if (at < 0) throw new AotError('failed', `no kernel argument '${text}' found`, { code: 'no-argument' });
  return at;
}

/** Equal arguments are one: the first is meant. */
function findOnly(list: readonly string[], key: string): number {
  const places = list.flatMap((text, at) => (keyOf(text) === key ? [at] : []));
  if (places.length === 0) throw new AotError('failed', `no key '${key}' found`, { code: 'no-argument' });
  if (new Set(places.map((at) => list[at])).size > 1)
    throw new AotError('failed', `multiple values for key '${key}' found`, {
      hint: `give the value too: ${places.map((at) => `'${list[at]}'`).join(' or ')}`,
      code: 'several-values',
    });
  return places[0] as number;
}

function replace(list: string[], text: string): void {
  const key = keyOf(text);
  const value = valueIn(text);
  if (value === undefined)
    throw new AotError('usage', `cannot replace '${text}': no value is given`, { hint: 'the form is KEY=VALUE[=NEW]' });
  const [old, next] = oldAndNew(list, key, value);
  if (old === undefined) list[findOnly(list, key)] = `${key}=${next}`;
  else list[find(list, `${key}=${old}`)] = `${key}=${next}`;
}

/**
 * `VALUE` alone is the new value; of `VALUE=NEW` the first is the old one. A value may have an equals sign itself, as that
 * of root=UUID=... has: the longest old value that is there counts, and where the only value there has such a sign and is
 * not meant, the whole is the new one.
 */
function oldAndNew(list: readonly string[], key: string, text: string): [string | undefined, string] {
  if (!text.includes('=')) return [undefined, text];
  const values = list.filter((a) => keyOf(a) === key).map((a) => valueIn(a) ?? '');
  const old = values.filter((v) => text.startsWith(`${v}=`)).sort((a, b) => b.length - a.length)[0];
  if (old !== undefined) return [old, text.slice(old.length + 1)];
  if (values.length === 1 && values[0]?.includes('=')) return [undefined, text];
  return [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
}

/**
 * Splits a kernel command line at blanks; a quoted part holds together and keeps its quotes, as the kernel reads it
 * (kernel-command-line(7)).
 */
export const splitArguments = (line: string): string[] => line.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
