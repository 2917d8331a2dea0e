import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';

/** What a path of a tree is: enough that two equal entries are interchangeable. */
export interface Entry {
  type: 'file' | 'dir' | 'link' | 'special';
  mode: string;
  owner: string;
  /** SHA-256 of a file, target of a link. */
  content?: string;
  /** SHA-256 of the sorted lines, where withLines has been asked for it. */
  lines?: string;
  xattrs?: string;
}

/** Every entry of a tree by its absolute path inside, links not followed. */
export async function snapshot(
  root: string,
  skip: (path: string) => boolean = () => false,
): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  walk(root, '/', entries, skip);
  for (const [path, xattrs] of await extendedAttributes(root)) {
    const entry = entries.get(path);
    if (entry) entry.xattrs = xattrs;
  }
  return entries;
}

/** Adds what tells another order of lines from other lines, at these paths where they are files. */
export function withLines(root: string, entries: Map<string, Entry>, paths: readonly string[]): Map<string, Entry> {
  for (const path of paths) {
    const entry = entries.get(path);
    if (entry?.type === 'file') entry.lines = sortedLines(join(root, path));
  }
  return entries;
}

function walk(root: string, path: string, entries: Map<string, Entry>, skip: (path: string) => boolean): void {
  if (skip(path)) return;
  const entry = describe(join(root, path));
  entries.set(path, entry);
  if (entry.type !== 'dir') return;
  for (const name of readdirSync(join(root, path)).sort()) walk(root, join(path, name), entries, skip);
}

const digest = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

const sortedLines = (file: string): string => digest(readFileSync(file, 'utf8').split('\n').sort().join('\n'));

function describe(file: string): Entry {
  const stat = lstatSync(file);
  const base = { mode: (stat.mode & 0o7777).toString(8), owner: `${stat.uid}:${stat.gid}` };
  if (stat.isDirectory()) return { type: 'dir', ...base };
  if (stat.isSymbolicLink()) return { type: 'link', ...base, mode: '777', content: readlinkSync(file) };
  if (stat.isFile()) return { type: 'file', ...base, content: digest(readFileSync(file)) };
  return { type: 'special', ...base };
}

/** One getfattr for the whole tree; paths as keys, a sorted dump as value. */
async function extendedAttributes(root: string): Promise<Map<string, string>> {
  const { stdout } = await run(
    'getfattr',
    [
      '--recursive',
      '--physical',
      '--no-dereference',
      '--absolute-names',
      '--match=-',
      '--dump',
      '--encoding=hex',
      root,
    ],
    {
      ok: [0, 1],
      stderr: 'ignore',
    },
  );
  const found = new Map<string, string>();
  for (const block of stdout.split('\n\n')) {
    const [head, ...lines] = block.trim().split('\n');
    if (!head?.startsWith('# file: ')) continue;
    const path = head.slice('# file: '.length).slice(root.length) || '/';
    found.set(path, lines.sort().join('\n'));
  }
  return found;
}
