import { readFileSync } from 'node:fs';
import type { FileSpec } from './package-spec.ts';
import type { TarEntry } from './tar.ts';

/**
 * The entries of data.tar: as dpkg-deb has them, in the order of their paths, each below its directories, but for the
 * hardlinks, which need their file before them.
 */
export function dataEntries(files: Record<string, FileSpec | string>): TarEntry[] {
  const byPath = new Map<string, TarEntry>([['./', directory('./', {})]]);
  const later: TarEntry[] = [];
  for (const [key, value] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = `./${key.replace(/^\.?\/+/, '').replace(/\/$/, '')}`;
    const spec = typeof value === 'string' ? { content: value } : value;
    for (const parent of parents(path)) if (!byPath.has(parent)) byPath.set(parent, directory(parent, {}));
    if (spec.hardlink === undefined) byPath.set(spec.directory ? `${path}/` : path, entry(path, spec));
    else later.push(entry(path, spec));
  }
  return [...byPath.values(), ...later];
}

/** './usr/bin/a' → './usr/', './usr/bin/' */
const parents = (path: string): string[] =>
  path
    .split('/')
    .slice(1, -1)
    .map((_, index, all) => `./${all.slice(0, index + 1).join('/')}/`);

const directory = (name: string, { mode = 0o755, uid = 0, gid = 0 }: FileSpec): TarEntry => ({
  name,
  type: 'directory',
  mode,
  uid,
  gid,
});

function entry(name: string, spec: FileSpec): TarEntry {
  const { uid = 0, gid = 0, mode } = spec;
  const owner = { name, uid, gid };
  if (spec.directory) return directory(`${name}/`, spec);
  if (spec.link !== undefined) return { ...owner, type: 'symlink', linkname: spec.link, mode: mode ?? 0o777 };
  if (spec.hardlink !== undefined)
    return { ...owner, type: 'link', linkname: `./${spec.hardlink.replace(/^\.?\/+/, '')}`, mode: mode ?? 0o644 };
  if (spec.fifo) return { ...owner, type: 'fifo', mode: mode ?? 0o644 };
  if (spec.device) return { ...owner, ...device(spec.device), mode: mode ?? 0o600 };
  const content = spec.from === undefined ? (spec.content ?? '') : readFileSync(spec.from);
  return { ...owner, type: 'file', content, mode: mode ?? (/\/s?bin\/[^/]+$/.test(name) ? 0o755 : 0o644) };
}

const device = ({ type, major, minor }: NonNullable<FileSpec['device']>) => ({
  type: `${type}-device` as const,
  devmajor: major,
  devminor: minor,
});
