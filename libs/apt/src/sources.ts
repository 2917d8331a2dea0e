import { AotError } from '@apt-ostree/errors';
import type { ArchiveSource, SourcesTreefile } from './archive-source.ts';
import { machineSources } from './machine-sources.ts';
import { namedSources } from './named-sources.ts';

/**
 * Where a tree's packages come from: the .sources files that `repos` names, beside the treefile; without `repos`, the
 * machine's own release with `releasever` in place of its codename.
 * @param sourceRoot directory that the treefile's files are relative to
 * @throws AotError `config` when there is none, `noInput` when a named file is missing
 */
export async function sourcesOf(treefile: SourcesTreefile, sourceRoot: string): Promise<ArchiveSource[]> {
  const repos = treefile.repos;
  if (repos !== undefined && repos.length > 0) return namedSources(repos, treefile, sourceRoot);
  const sources = machineSources(releaseverOf(treefile));
  if (sources.length === 0) throw none();
  return sources;
}

/** The sources that only locked packages may come from. */
export async function lockfileSourcesOf(treefile: SourcesTreefile, sourceRoot: string): Promise<ArchiveSource[]> {
  const repos = treefile['lockfile-repos'] ?? [];
  return namedSources(repos, treefile, sourceRoot);
}

/** What was taken, in one line without hosts. */
export function describeSources(treefile: SourcesTreefile, sources: readonly ArchiveSource[]): string {
  const names = sources.map((s) => `${s.id} ${s.suite}`).join(', ');
  const from = hasRepos(treefile) ? "the treefile's repos" : "this machine's apt sources";
  return `archives from ${from}: ${names}`;
}

const hasRepos = (treefile: SourcesTreefile): boolean => (treefile.repos ?? []).length > 0;

const releaseverOf = (treefile: SourcesTreefile): string | undefined =>
  treefile.releasever === undefined ? undefined : String(treefile.releasever);

const none = (): AotError =>
  new AotError(
    'config',
    'cannot find an archive: the treefile names none and this machine has none of its own release',
    {
      code: 'no-sources',
      hint: "put a .sources file beside the treefile and name it in 'repos'",
    },
  );
