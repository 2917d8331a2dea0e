import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { replaceWith } from '@apt-ostree/run';
import { Deb822Error, parseStanzas, words } from 'deb822';
import { isNo } from './source-entry.ts';

/** An entry of a system's /etc/apt, whether it counts or not. */
export interface ListedSource {
  /** `debian.sources:2` is the second stanza of that file, as apt-get's indextargets names it. */
  id: string;
  /** URIs, suites and components in one line. */
  description: string;
  /** It has source packages only. */
  isSource: boolean;
  isEnabled: boolean;
}

/** The entries of deb822 files of a system; a one-line file has no field that says whether an entry counts. */
export const listedSources = (root: string): ListedSource[] => sourceFiles(root).flatMap(entriesOf);

/** Those files of a system, in the order in which apt reads them. */
export function sourceFiles(root: string): string[] {
  const parts = join(root, 'etc/apt/sources.list.d');
  if (!existsSync(parts)) return [];
  const names = readdirSync(parts).filter((name) => /^[\w.-]+\.sources$/.test(name));
  return names.sort().map((name) => join(parts, name));
}

function entriesOf(file: string): ListedSource[] {
  return stanzasOf(file).map((stanza, at) => {
    const field = (name: string) => words(stanza.get(name) ?? '');
    return {
      id: idOf(file, at),
      description: ['URIs', 'Suites', 'Components'].flatMap(field).join(' '),
      isSource: !field('Types').includes('deb'),
      isEnabled: !isNo(stanza.get('Enabled')),
    };
  });
}

const idOf = (file: string, at: number): string => `${basename(file)}:${at + 1}`;

function stanzasOf(file: string) {
  try {
    return [...parseStanzas(readFileSync(file, 'utf8'), { comments: true })];
  } catch (error) {
    if (!(error instanceof Deb822Error)) throw error;
    throw new AotError('config', `cannot use the sources in '${file}': ${error.message}`, { code: 'bad-sources' });
  }
}

/**
 * Writes `Enabled: yes` or `no` into an entry; the rest of its file stays as it is, comments too.
 * @returns whether it was otherwise before
 * @throws AotError `noInput` for an id that is not there
 */
export function enableSource(root: string, id: string, enabled: boolean): boolean {
  for (const file of sourceFiles(root))
    for (const [at, stanza] of stanzasOf(file).entries()) {
      if (idOf(file, at) !== id) continue;
      if (!isNo(stanza.get('Enabled')) === enabled) return false;
      const text = edited(readFileSync(file, 'utf8'), stanza.line, enabled);
      replaceWith(file, (temporary) => writeFileSync(temporary, text, { mode: statSync(file).mode }));
      return true;
    }
  throw noSource(root, id);
}

/** The error for a source that is not there. */
export const noSource = (root: string, id: string): AotError =>
  new AotError('noInput', `cannot find the source '${id}'`, {
    code: 'no-source',
    hint: `there are ${
      listedSources(root)
        .map((source) => source.id)
        .join(', ') || 'none in deb822 form'
    }`,
  });

/** The field takes the place of the one that is there, with its continuation lines, or comes first. */
function edited(text: string, first: number, enabled: boolean): string {
  const lines = text.split('\n');
  const start = first - 1;
  const length = lines.slice(start).findIndex((line) => line.trim() === '');
  const end = length < 0 ? lines.length : start + length;
  const at = lines.findIndex((line, n) => n >= start && n < end && /^enabled\s*:/i.test(line));
  const field = `Enabled: ${enabled ? 'yes' : 'no'}`;
  if (at < 0) lines.splice(start, 0, field);
  else {
    let after = at + 1;
    while (after < end && /^[ \t#]/.test(lines[after] ?? '')) after++;
    lines.splice(at, after - at, field);
  }
  return lines.join('\n');
}
