import { gunzipSync } from 'node:zlib';
import { openTree } from '@apt-ostree/ostree';
import { compareVersions } from 'deb-version';
import type { Changelog } from './forms.ts';

const INDENT = '    ';

/** Reads changelogs in the tree of a commit (Policy 12.7): of a native package it has no `.Debian` in its name. */
export function changelogOf(repo: string, checksum: string): Changelog {
  const tree = openTree(repo, checksum);
  const shown = new Set<string>();
  return ({ from, to }) => {
    const source = `${to.sourcePackage} ${from.sourceVersion}`;
    if (shown.has(source)) return [`${INDENT}(source package ${to.sourcePackage}, see above)`];
    const text = ['changelog.Debian.gz', 'changelog.gz']
      .map((name) => tree.read(`usr/share/doc/${to.name}/${name}`))
      .find((found) => found !== undefined);
    if (text === undefined) return [`${INDENT}(no changelog in the commit)`];
    shown.add(source);
    const entries = entriesBetween(decompress(text), from.sourceVersion, to.sourceVersion);
    return entries.length > 0 ? entries : [`${INDENT}(no new entries)`];
  };
}

function decompress(data: Uint8Array): string {
  try {
    return gunzipSync(data).toString('utf8');
  } catch {
    return ''; // a changelog is no reason to fail
  }
}

/** The lines of the entries that are newer than `from` and not newer than `to` (deb-changelog(5)). */
export function entriesBetween(text: string, from: string, to: string): string[] {
  const lines: string[] = [];
  let inside = false;
  for (const line of text.split('\n')) {
    const version = /^\S+ \(([^)\s]+)\)/.exec(line)?.[1];
    if (version !== undefined) inside = isNewer(version, from) && !isNewer(version, to);
    if (inside) lines.push(line === '' ? '' : INDENT + line);
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Old entries have versions of all kinds. */
function isNewer(a: string, b: string): boolean {
  try {
    return compareVersions(a, b) > 0;
  } catch {
    return false;
  }
}
