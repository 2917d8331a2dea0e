import { AotError } from '@apt-ostree/errors';

/** Groups of keys with their values as they stand in the file, escapes and all. */
export type KeyFile = Record<string, Record<string, string>>;

/**
 * Reads a key file (Desktop Entry Specification, "Basic format of the file"); a later value of a key wins.
 * @param file for the error
 * @throws AotError `data` with the line that is wrong
 */
export function parseKeyFile(text: string, file: string): KeyFile {
  const groups: KeyFile = {};
  let group: Record<string, string> | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const heading = /^\[([^[\]]+)\]\s*$/.exec(line)?.[1];
    const [, key, value] = /^([^=[\]]+?)\s*=\s*(.*?)\r?$/.exec(line) ?? [];
    if (heading !== undefined) {
      group = groups[heading] ?? {};
      groups[heading] = group;
    } else if (key !== undefined && value !== undefined && group) group[key] = value;
    else throw wrongLine(file, index + 1, group === undefined && key !== undefined ? 'it is in no group' : NO_LINE);
  }
  return groups;
}

const NO_LINE = "it is neither '[group]' nor 'key=value'";

/** The reverse: groups without keys are left out. */
export function formatKeyFile(groups: KeyFile): string {
  return Object.entries(groups)
    .filter(([, keys]) => Object.keys(keys).length > 0)
    .map(([name, keys]) => [`[${name}]`, ...Object.entries(keys).map(([k, v]) => `${k}=${v}`), ''].join('\n'))
    .join('\n');
}

const ESCAPES: Record<string, string> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

export const readEscapes = (value: string): string => value.replace(/\\([sntr\\])/g, (_, c: string) => ESCAPES[c] ?? c);

export const writeEscapes = (value: string): string =>
  value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r').replace(/^ /, '\\s');

/** A list: each element ends with `;`, one within it is written `\;`. */
export function parseList(value: string): string[] {
  const elements = value.match(/(?:\\.|[^;\\])*(?:;|$)/g) ?? [];
  const texts = elements.filter((e) => e !== '').map((e) => e.replace(/;$/, ''));
  return texts.map((e) => readEscapes(e.replace(/\\;/g, ';')));
}

export const formatList = (elements: readonly string[]): string =>
  elements.map((e) => `${writeEscapes(e).replace(/;/g, '\\;')};`).join('');

function wrongLine(file: string, line: number, why: string): AotError {
  return new AotError('data', `cannot read '${file}': line ${line}: ${why}`, { code: 'bad-key-file' });
}
