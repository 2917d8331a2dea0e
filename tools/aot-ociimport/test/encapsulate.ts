import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TarEntry } from '@apt-ostree/testkit';

const OBJECTS = 'sysroot/ostree/repo/objects';

/** Layers as they come out of a repository, before somebody changes them. */
export interface Encapsulated {
  commit: string;
  /** The commit and everything but files; then files, in as many layers. */
  layers: TarEntry[][];
}

/**
 * The layers of an OSTree native container, version 1, of a commit in a repository of mode bare whose files have no
 * extended attributes; written after its description, not with our own exporter.
 */
export function encapsulate(repo: string, ref: string, fileLayers = 2): Encapsulated {
  const ostree = (...args: string[]) => execFileSync('ostree', [`--repo=${repo}`, ...args], { encoding: 'utf8' });
  const commit = ostree('rev-parse', ref).trim();
  const listed = ostree('ls', '-RC', commit).trim().split('\n');
  const metadata = new Set<string>();
  const files = new Set<string>();
  for (const line of listed) {
    const [, , , , ...words] = line.trim().split(/ +/);
    if (line.startsWith('d'))
      for (const [i, sum] of words.slice(0, 2).entries()) metadata.add(`${sum}.${i ? 'dirmeta' : 'dirtree'}`);
    else files.add(words[0] as string);
  }
  const first = [
    objectEntry(repo, `${commit}.commit`),
    ...detached(repo, commit),
    ...[...metadata].sort().map((name) => objectEntry(repo, name)),
  ];
  const layers: TarEntry[][] = [[{ name: './', type: 'directory' }, ...first]];
  for (let i = 0; i < fileLayers; i++) layers.push([]);
  for (const [i, sum] of [...files].sort().entries()) layers[1 + (i % fileLayers)]?.push(...fileEntries(repo, sum, i));
  return { commit, layers };
}

const pathOf = (name: string): string => `${name.slice(0, 2)}/${name.slice(2)}`;

const objectEntry = (repo: string, name: string): TarEntry => ({
  name: `${OBJECTS}/${pathOf(name)}`,
  content: readFileSync(join(repo, 'objects', pathOf(name))),
});

const detached = (repo: string, commit: string): TarEntry[] =>
  existsSync(join(repo, 'objects', pathOf(`${commit}.commitmeta`))) ? [objectEntry(repo, `${commit}.commitmeta`)] : [];

/** Attributes first, then the file, then a link to it where people see it. */
function fileEntries(repo: string, sum: string, i: number): TarEntry[] {
  const source = join(repo, 'objects', pathOf(`${sum}.file`));
  const stat = lstatSync(source);
  const name = `${OBJECTS}/${pathOf(`${sum}.file`)}`;
  const owner = { uid: stat.uid, gid: stat.gid, mode: stat.mode & 0o7777 };
  return [
    { name: `${name}-xattrs-link`, content: '' },
    stat.isSymbolicLink()
      ? { name, type: 'symlink', linkname: readlinkSync(source), ...owner }
      : { name, content: readFileSync(source), ...owner },
    { name: `usr/visible/${i}`, type: 'link', linkname: name },
  ];
}
