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
  if (hasRepos(treefile)) return namedSources(treefile.repos ?? [], treefile, sourceRoot);
  const sources = machineSources(releaseverOf(treefile));
  if (sources.length === 0) throw none();
  return sources;
}

/** The sources that only locked packages may come from. */
export async function lockfileSourcesOf(treefile: SourcesTreefile, sourceRoot: string): Promise<ArchiveSource[]> {
  const repos = treefile['lockfile-repos'] ?? [];
  return namedSources(repos, treefile, sourceRoot);
}

/** What was taken from the machine, in one line without hosts; undefined where the treefile says it itself. */
export function describeSources(treefile: SourcesTreefile, sources: readonly ArchiveSource[]): string | undefined {
  if (hasRepos(treefile)) return undefined;
  return `using this machine's archives: ${sources.map((s) => `${s.id} ${s.suite}`).join(', ')}`;
}

const hasRepos = (treefile: SourcesTreefile): boolean => (treefile.repos ?? []).length > 0;

function releaseverOf({ releasever }: SourcesTreefile): string | undefined {
  if (releasever === undefined || /^[A-Za-z0-9][\w.+~-]*$/.test(String(releasever))) return releasever?.toString();
  throw new AotError('config', `cannot use '${releasever}' as 'releasever': it is no name of a suite`, {
    hint: "write a codename, as in 'releasever: trixie'",
  });
}

const none = (): AotError =>
  new AotError(
    'config',
    'cannot find an archive: the treefile names none and this machine has none of its own release',
    {
      code: 'no-sources',
      hint: "put a .sources file beside the treefile and name it in 'repos'",
    },
  );
