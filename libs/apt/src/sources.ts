import { AotError } from '@apt-ostree/errors';
import type { ArchiveSource, SourcesTreefile } from './archive-source.ts';
import { machineSources, systemSources } from './machine-sources.ts';
import { idOf, namedSources } from './named-sources.ts';

/**
 * Where a tree's packages come from: the .sources files that `repos` names, beside the treefile; without `repos`, or with
 * `machine-repos` after them, the machine's own release with `releasever` in place of its codename.
 * @param sourceRoot directory that the treefile's files are relative to
 * @param system root of a system whose sources these are, whatever the treefile says
 * @throws AotError `config` when there is none, `noInput` when a named file is missing
 */
export async function sourcesOf(
  treefile: SourcesTreefile,
  sourceRoot: string,
  system?: string,
): Promise<ArchiveSource[]> {
  if (system !== undefined) return ofSystem(system);
  const named = namedSources(treefile.repos ?? [], treefile, sourceRoot);
  if (!usesMachine(treefile)) return named;
  const machine = machineSources(releaseverOf(treefile));
  if (machine.length === 0) throw none(named.length > 0);
  const twice = named.find(({ id }) => machine.some((source) => source.id === id));
  if (twice !== undefined) throw sameName(twice.id);
  return [...named, ...machine];
}

function ofSystem(root: string): ArchiveSource[] {
  const sources = systemSources(root);
  if (sources.length > 0) return sources;
  const file = '/etc/apt/sources.list.d/debian.sources';
  throw new AotError(
    'config',
    `cannot find an archive: the system${root === '/' ? '' : ` at '${root}'`} has no sources`,
    {
      code: 'no-sources',
      hint: `name its archives in '${file}'; sources.list(5) has an example`,
    },
  );
}

/** The sources that only locked packages may come from. */
export async function lockfileSourcesOf(treefile: SourcesTreefile, sourceRoot: string): Promise<ArchiveSource[]> {
  const repos = treefile['lockfile-repos'] ?? [];
  return namedSources(repos, treefile, sourceRoot);
}

/** What was taken from the machine, in one line without hosts; undefined where the treefile says it itself. */
export function describeSources(treefile: SourcesTreefile, sources: readonly ArchiveSource[]): string | undefined {
  if (!usesMachine(treefile)) return undefined;
  const named = new Set([...(treefile.repos ?? []), ...(treefile['lockfile-repos'] ?? [])].map(idOf));
  const taken = sources.filter((s) => !named.has(s.id));
  return `using this machine's archives: ${taken.map((s) => `${s.id} ${s.suite}`).join(', ')}`;
}

const usesMachine = (treefile: SourcesTreefile): boolean =>
  (treefile.repos ?? []).length === 0 || treefile['machine-repos'] === true;

function releaseverOf({ releasever }: SourcesTreefile): string | undefined {
  if (releasever === undefined || /^[A-Za-z0-9][\w.+~-]*$/.test(String(releasever))) return releasever?.toString();
  throw new AotError('config', `cannot use '${releasever}' as 'releasever': it is no name of a suite`, {
    hint: "write a codename, as in 'releasever: trixie'",
  });
}

const none = (beside: boolean): AotError =>
  new AotError(
    'config',
    `cannot find an archive: the treefile ${beside ? "wants this machine's too" : 'names none'} and this machine has none of its own release`,
    {
      code: 'no-sources',
      hint: `put a .sources file beside the treefile and name it in 'repos'${beside ? ", without 'machine-repos'" : ''}`,
    },
  );

const sameName = (id: string): AotError =>
  new AotError('config', `two sources are called '${id}': the treefile's and one of this machine`, {
    code: 'bad-sources',
    hint: 'rename the .sources file beside the treefile',
  });
