import { AotError } from '@apt-ostree/errors';

/** What is done to kernel arguments, each `KEY[=VALUE]`; `replace` also `KEY=OLD=NEW`. */
export interface KernelArgumentEdits {
  append: readonly string[];
  replace: readonly string[];
  delete: readonly string[];
  appendIfMissing: readonly string[];
  deleteIfPresent: readonly string[];
}

/**
 * Splits a kernel command line at blanks; a quoted part holds together and keeps its quotes, as the kernel reads it
 * (The kernel's command-line parameters, admin-guide).
 */
export function splitKernelArguments(line: string): string[] {
  return line.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
}

/**
 * Edits kernel arguments by libostree's rules: deletions, then replacements, then additions. A key with several values must
 * be named with the value that is meant.
 * @returns a new list; equal to the old one where nothing was to be done
 * @throws AotError `failed` for what is not there or is not clear
 */
export function editKernelArguments(current: readonly string[], edits: KernelArgumentEdits): string[] {
  let now = [...current];
  for (const argument of edits.delete) now = without(now, argument);
  for (const argument of edits.replace) now = replaced(now, argument);
  now = [...now, ...edits.append];
  for (const argument of edits.appendIfMissing) if (!now.includes(argument)) now.push(argument);
  for (const argument of edits.deleteIfPresent) if (find(now, argument).length > 0) now = without(now, argument);
  return now;
}

const keyOf = (argument: string): string => argument.split('=', 1)[0] as string;

/** Where it is: a bare key means any value. */
const find = (list: readonly string[], argument: string): number[] =>
  list.flatMap((a, at) => (a === argument || (!argument.includes('=') && keyOf(a) === argument) ? [at] : []));

function without(list: readonly string[], argument: string): string[] {
  const at = only(list, argument, 'delete');
  return list.filter((_, i) => i !== at);
}

function replaced(list: readonly string[], argument: string): string[] {
  const [, key, first, second] = /^([^=]+)=([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
  if (key === undefined)
    throw new AotError('usage', `cannot replace kernel argument '${argument}'`, {
      hint: 'it is KEY=VALUE, or KEY=OLD=NEW where the key has several values',
    });
  const at = only(list, second === undefined ? key : `${key}=${first}`, 'replace');
  return list.map((a, i) => (i === at ? `${key}=${second ?? first}` : a));
}

/** Equal arguments are one: the first of them. */
function only(list: readonly string[], argument: string, what: string): number {
  const found = find(list, argument);
  const [at] = found;
  if (at === undefined) throw new AotError('failed', `cannot ${what} kernel argument '${argument}': it is not there`);
  if (new Set(found.map((i) => list[i])).size > 1)
    throw new AotError('failed', `cannot ${what} kernel argument '${argument}': multiple values for key found`, {
      hint: `say which one: ${found.map((i) => `'${list[i]}'`).join(', ')}`,
    });
  return at;
}
