import { Deb822Error } from './error.ts';

/** A package that a relationship field names. */
export interface Relationship {
  name: string;
  /** What follows the colon of the name, as in `python3:any`. */
  qualifier?: string;
  version?: { relation: '<<' | '<=' | '=' | '>=' | '>>'; version: string };
  /** Architectures in brackets, each perhaps with a `!` before it; in source packages only. */
  architectures?: string[];
  /** Build profiles: all of one list, of any list. */
  profiles?: string[][];
}

/**
 * Parses a relationship field such as Depends: the list is a conjunction, each item of it a choice of alternatives.
 * Debian policy section 7.1; a field may end with a comma. The old `<` and `>` mean `<=` and `>=`, as to dpkg.
 * @throws Deb822Error `invalid-relationship`
 */
export function parseRelationships(value: string): Relationship[][] {
  return value
    .split(',')
    .map((choice) => choice.trim())
    .filter((choice) => choice !== '')
    .map((choice) => choice.split('|').map(parseRelationship));
}

const PATTERN =
  /^\s*(?<name>[A-Za-z0-9][A-Za-z0-9+.-]*)(?::(?<qualifier>[a-z0-9-]+))?\s*(?:\((?<relation><<|<=|=|>=|>>|<|>)\s*(?<version>[A-Za-z0-9][^\s()]*)\s*\)\s*)?(?:\[(?<architectures>[^\][]+)\]\s*)?(?<profiles>(?:<[^<>]+>\s*)*)$/;

function parseRelationship(text: string): Relationship {
  const found = PATTERN.exec(text)?.groups;
  if (found === undefined)
    throw new Deb822Error('invalid-relationship', `'${text.trim()}' is no relationship to a package`);
  const { name, qualifier, relation, version, architectures, profiles } = found;
  return {
    name: name as string,
    ...(qualifier === undefined ? {} : { qualifier }),
    ...(version === undefined ? {} : { version: { relation: modern(relation as string), version } }),
    ...(architectures === undefined ? {} : { architectures: architectures.trim().split(/\s+/) }),
    ...(profiles ? { profiles: parseProfiles(profiles) } : {}),
  };
}

const modern = (relation: string) =>
  (relation === '<' ? '<=' : relation === '>' ? '>=' : relation) as NonNullable<Relationship['version']>['relation'];

const parseProfiles = (text: string): string[][] =>
  [...text.matchAll(/<([^<>]+)>/g)].map((list) => (list[1] as string).trim().split(/\s+/));

/** The text of a relationship field. */
export const formatRelationships = (field: readonly (readonly Relationship[])[]): string =>
  field.map((choice) => choice.map(formatRelationship).join(' | ')).join(', ');

function formatRelationship({ name, qualifier, version, architectures, profiles }: Relationship): string {
  const parts = [
    qualifier === undefined ? name : `${name}:${qualifier}`,
    ...(version ? [`(${version.relation} ${version.version})`] : []),
    ...(architectures ? [`[${architectures.join(' ')}]`] : []),
    ...(profiles ?? []).map((list) => `<${list.join(' ')}>`),
  ];
  return parts.join(' ');
}
