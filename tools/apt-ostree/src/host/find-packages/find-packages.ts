import { type IndexFile, PackageIndex, type PackageRecord } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { compareVersions, parseVersion } from 'deb-version';
import { withIndices } from '../archives/host-archives.ts';
import { matches, summariesOf } from '../search/matches.ts';
import type { FindPackagesArgs } from './command.ts';

/** `ex find-packages`: rows with rpm-ostree's members. */
export async function findPackages(args: FindPackagesArgs, context: Context): Promise<string> {
  const rows = await withIndices(args, context, (files) => found(files, args));
  return `${JSON.stringify(rows)}\n`;
}

function found(files: readonly IndexFile[], { by, term }: FindPackagesArgs): Row[] {
  const index = new PackageIndex(files);
  if (by === 'text')
    return matches(summariesOf(files), term).flatMap(({ name, by: where }) => rows(index, name, where));
  return [...new Set(term)].flatMap((name) => {
    const names = by === 'name' ? [name] : [...new Set([...(index.has(name) ? [name] : []), ...index.providers(name)])];
    return names.flatMap((n) => rows(index, n, by === 'name' ? name : undefined));
  });
}

interface Row {
  key?: string;
  name: string;
  epoch: number;
  /** Without epoch and revision. */
  version: string;
  arch: string;
  nevra: string;
  evr: string;
  summary: string;
  /** The archive and suite it comes from. */
  reponame: string;
}

/** Its newest version, for each architecture. */
function rows(index: PackageIndex, name: string, key: string | undefined): Row[] {
  const newest = new Map<string, PackageRecord>();
  for (const record of index.records(name)) {
    const arch = field(record, 'Architecture');
    const known = newest.get(arch);
    if (known === undefined || compareVersions(field(known, 'Version'), field(record, 'Version')) < 0)
      newest.set(arch, record);
  }
  return [...newest.values()].map((record) => row(record, key));
}

const field = ({ stanza }: PackageRecord, name: string): string => stanza.get(name) ?? '';

function row(record: PackageRecord, key: string | undefined): Row {
  const [name, evr, arch] = ['Package', 'Version', 'Architecture'].map((f) => field(record, f)) as [
    string,
    string,
    string,
  ];
  const { epoch, upstream } = parseVersion(evr);
  const { source } = record.index;
  return {
    ...(key === undefined ? {} : { key }),
    ...{ name, epoch, version: upstream, arch, nevra: `${name}_${evr}_${arch}`, evr },
    summary: field(record, 'Description').split('\n')[0] ?? '',
    reponame: `${source.id} ${source.suite}`,
  };
}
