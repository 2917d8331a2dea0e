import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { aptGet } from './apt-get.ts';
import type { ArchiveSource } from './archive-source.ts';
import type { AptRoot } from './private-root.ts';

/** One Packages file of a private root. */
export interface IndexFile {
  file: string;
  source: ArchiveSource;
  /** Empty for a flat archive. */
  component: string;
  /** The (In)Release file that vouches for it. */
  release: string;
  /** Suite and codename, as the Release file says. */
  suites: string[];
  /** The Release file asks not to be chosen from unless told to, as backports does. */
  notAutomatic: boolean;
}

/** The Release files that the root has, by path, sorted. */
export function releaseFiles(root: AptRoot): string[] {
  if (!existsSync(root.lists)) return [];
  return readdirSync(root.lists)
    .filter((name) => /_(In)?Release$/.test(name))
    .sort()
    .map((name) => join(root.lists, name));
}

/** The Packages files of a root in the order of its sources, as apt knows them. */
export async function indexFiles(root: AptRoot): Promise<IndexFile[]> {
  const { stdout } = await aptGet(root, [
    'indextargets',
    '--format',
    '$(IDENTIFIER)|$(FILENAME)|$(SOURCESENTRY)|$(COMPONENT)',
  ]);
  const releases = releaseFiles(root);
  const told = new Map(releases.map((file) => [file, describe(file)]));
  return stdout.split('\n').flatMap((line) => {
    const [identifier, file = '', entry = '', component = ''] = line.split('|');
    if (identifier !== 'Packages' || !existsSync(file)) return [];
    const source = sourceAt(root, entry);
    const release = releaseOf(file, releases);
    if (source === undefined || release === undefined) return [];
    const described = told.get(release) as Pick<IndexFile, 'suites' | 'notAutomatic'>;
    return [{ file, source, component: source.components.length === 0 ? '' : component, release, ...described }];
  });
}

function describe(release: string): Pick<IndexFile, 'suites' | 'notAutomatic'> {
  const text = readFileSync(release, 'utf8');
  const suites = ['Suite', 'Codename'].flatMap((f) => new RegExp(`^${f}:[ \\t]*(\\S+)`, 'm').exec(text)?.[1] ?? []);
  return { suites, notAutomatic: /^NotAutomatic:[ \t]*yes/m.test(text) };
}

/** `.../debian.sources:2` is the second source of that id. */
function sourceAt(root: AptRoot, entry: string): ArchiveSource | undefined {
  const match = /([^/]+)\.sources:(\d+)$/.exec(entry);
  return root.sources.filter((s) => s.id === match?.[1])[Number(match?.[2]) - 1];
}

/** apt names list files by their URI, so the Release file is the one with the longest common beginning. */
function releaseOf(file: string, releases: readonly string[]): string | undefined {
  const name = basename(file);
  const fits = releases.filter((r) => name.startsWith(basename(r).replace(/(In)?Release$/, '')));
  return fits.sort((a, b) => b.length - a.length)[0];
}
