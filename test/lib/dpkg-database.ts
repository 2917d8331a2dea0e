import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Table = Map<string, string>;

/** dpkg's database as tables, so that orders that mean nothing do not count. */
export interface Database {
  /** By name:architecture: the stanza with its fields sorted. */
  status: Table;
  diversions: Table;
  statoverride: Table;
  alternatives: Table;
  /** Trigger interests by trigger, with their packages sorted. */
  triggers: Table;
  info: Table;
  /** apt's automatic marks by name:architecture. */
  extendedStates: Table;
}

/** Reads the database of a configured tree. */
export function databaseOf(root: string): Database {
  const admin = join(root, 'var/lib/dpkg');
  return {
    status: stanzas(text(join(admin, 'status'))),
    diversions: triples(text(join(admin, 'diversions'))),
    statoverride: lines(text(join(admin, 'statoverride'))),
    alternatives: files(join(admin, 'alternatives')),
    triggers: new Map([...files(join(admin, 'triggers'), sortedLines)].filter(([name]) => name !== 'Lock')),
    info: files(join(admin, 'info')),
    extendedStates: stanzas(text(join(root, 'var/lib/apt/extended_states'))),
  };
}

const text = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const sorted = (entries: [string, string][]): Table =>
  new Map(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

function stanzas(source: string): Table {
  return sorted(
    source
      .split(/\n\n+/)
      .filter((s) => s.trim() !== '')
      .map((stanza) => {
        const fields = stanza
          .trim()
          .split(/\n(?=\S)/)
          .sort();
        const value = (name: string) => fields.find((f) => f.startsWith(`${name}: `))?.slice(name.length + 2);
        return [`${value('Package')}:${value('Architecture')}`, fields.join('\n')] as [string, string];
      }),
  );
}

/** diversions: three lines each: from, to, package. */
function triples(source: string): Table {
  const all = source.split('\n').filter(Boolean);
  return sorted(
    Array.from({ length: Math.floor(all.length / 3) }, (_, i) => [
      all[3 * i] as string,
      all.slice(3 * i + 1, 3 * i + 3).join(' '),
    ]),
  );
}

const lines = (source: string): Table =>
  sorted(
    source
      .split('\n')
      .filter(Boolean)
      .map((l) => [l, '']),
  );

const sortedLines = (content: Buffer): string => content.toString().split('\n').sort().join('\n');

const digest = (content: Buffer): string =>
  content.length < 400 ? content.toString() : createHash('sha256').update(content).digest('hex');

function files(directory: string, read: (content: Buffer) => string = digest): Table {
  if (!existsSync(directory)) return new Map();
  return sorted(readdirSync(directory).map((name) => [name, read(readFileSync(join(directory, name)))]));
}
