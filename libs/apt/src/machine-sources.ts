import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import type { ArchiveSource } from './archive-source.ts';
import { parseDeb822Sources, parseOneLineSources, type SourceEntry } from './source-entry.ts';
import { isYes, splitEntry } from './split-entry.ts';

/**
 * The sources of a machine that belong to its own release: suites that are the codename of its os-release, -updates and
 * -security, with `releasever` in place of the codename. Others (third parties, backports) are not the release.
 * @param root where the machine's /etc is, `/` for the running one
 * @param releasever codename of the release that is wanted; the machine's own without it
 */
export function machineSources(releasever: string | undefined, root = '/'): ArchiveSource[] {
  const codename = machineCodename(root);
  if (codename === undefined) return [];
  const wanted = releasever ?? codename;
  const taken = new Map(['', '-updates', '-security'].map((suffix) => [`${codename}${suffix}`, `${wanted}${suffix}`]));
  const sources: ArchiveSource[] = [];
  for (const entry of entriesOf(root)) {
    const suites = entry.suites.flatMap((suite) => taken.get(suite) ?? []);
    if (suites.length > 0) sources.push(...splitEntry({ ...entry, suites }, freeId(entry, suites, sources)));
  }
  return sources;
}

/**
 * Every enabled source of a system, whatever its release: what its administrator wrote is what is meant.
 * @param root where its /etc is; keys that a source names by path are looked for below it
 */
export function systemSources(root: string): ArchiveSource[] {
  const sources: ArchiveSource[] = [];
  for (const entry of entriesOf(root)) {
    if (entry.uris.some((uri) => uri.startsWith('cdrom:'))) continue;
    if (isYes(entry.fields['trusted'])) throw unsigned(entry.file);
    sources.push(...splitEntry(withKeyBelow(entry, root), freeId(entry, entry.suites, sources)));
  }
  return sources;
}

const unsigned = (file: string): AotError =>
  new AotError('config', `cannot use the sources in '${file}': 'Trusted: yes' takes packages without a signature`, {
    code: 'bad-sources',
    hint: 'sign the archive, and name its key with Signed-By',
  });

function withKeyBelow(entry: SourceEntry, root: string): SourceEntry {
  const key = entry.fields['signed-by'];
  if (root === '/' || key === undefined || !isAbsolute(key)) return entry;
  return { ...entry, fields: { ...entry.fields, 'signed-by': join(root, key) } };
}

function machineCodename(root: string): string | undefined {
  for (const file of ['etc/os-release', 'usr/lib/os-release']) {
    const codename = /^VERSION_CODENAME="?([a-z0-9.-]+)"?$/m.exec(read(join(root, file)))?.[1];
    if (codename !== undefined) return codename;
  }
  return undefined;
}

function entriesOf(root: string): SourceEntry[] {
  const parts = join(root, 'etc/apt/sources.list.d');
  const files = [join(root, 'etc/apt/sources.list'), ...list(parts).map((name) => join(parts, name))];
  return files.flatMap((file) => {
    if (file.endsWith('.sources')) return parseDeb822Sources(read(file), file);
    return file.endsWith('.list') ? parseOneLineSources(read(file), file) : [];
  });
}

/**
 * Manifests must not name hosts, so an entry is called by the path of its URI (`debian-security`); another archive that
 * would have the same name and suite gets a number.
 */
function freeId(entry: SourceEntry, suites: readonly string[], sources: readonly ArchiveSource[]): string {
  const slug = slugOf(entry.uris[0] ?? '');
  for (let n = 1; ; n++) {
    const id = n === 1 ? slug : `${slug}-${n}`;
    const same = sources.filter((s) => s.id === id);
    if (same.every((s) => s.uris[0] === withSlash(entry.uris[0]) && !suites.includes(s.suite))) return id;
  }
}

function slugOf(uri: string): string {
  const path = uri.replace(/^[a-z+]+:(\/\/[^/]*)?/i, '');
  return path.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'archive';
}

const withSlash = (uri = ''): string => (uri.endsWith('/') ? uri : `${uri}/`);

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
