import { AotError } from '@apt-ostree/errors';

type Treefile = Record<string, unknown>;
type Relation = '<<' | '<=' | '=' | '>=' | '>>';

/** One package that a treefile asks for. */
export interface Wanted {
  /** As the treefile says it. */
  text: string;
  name: string;
  architecture?: string;
  /** Suite or codename it must come from. */
  suite?: string;
  relation?: { relation: Relation; version: string };
}

const PATTERN =
  /^(?<name>[a-z0-9][a-z0-9+.-]+)(?::(?<architecture>[a-z0-9-]+))?(?:\/(?<suite>[A-Za-z0-9][\w./~-]*)|\s*(?<relation><<|<=|=|>=|>>)\s*(?<version>[A-Za-z0-9][\w.+~:-]*))?$/;

/** The packages under `packages` and `repo-packages`, in the treefile's order, each once. */
export function wantedPackages(treefile: Treefile): Wanted[] {
  const own = words(treefile['packages']);
  const repos = (treefile['repo-packages'] as { packages: string[] }[] | undefined) ?? [];
  const all = [...own, ...repos.flatMap((r) => words(r.packages))];
  return [...new Set(all)].map(parseWanted);
}

/** Entries of a list of packages: split at white space, apart from what single quotes hold together. */
export function words(list: unknown): string[] {
  return ((list as string[] | undefined) ?? []).flatMap((entry) =>
    /[<>=]\s/.test(entry) && !entry.includes("'")
      ? [entry.trim()]
      : [...entry.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => (quoted ?? plain ?? '').trim()),
  );
}

/** Parses `name[:architecture][=version | /suite | >= version]`. */
export function parseWanted(text: string): Wanted {
  const found = PATTERN.exec(text)?.groups;
  if (found === undefined) {
    throw new AotError('config', `cannot use '${text}' in 'packages': it is no package name`, {
      code: 'bad-package-name',
      hint: "write name, name:architecture, name=version, name/suite or 'name >= version'",
    });
  }
  const { name = '', architecture, suite, relation, version } = found;
  return {
    text,
    name,
    ...(architecture === undefined ? {} : { architecture }),
    ...(suite === undefined ? {} : { suite }),
    ...(relation && version ? { relation: { relation: relation as Relation, version } } : {}),
  };
}
