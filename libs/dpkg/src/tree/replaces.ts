import { satisfies } from 'deb-version';
import { parseRelationships, parseStanza, type Relationship } from 'deb822';

/** What deciding over a file conflict takes of a package. */
export interface Claimant {
  name: string;
  version: string;
  architecture: string;
  multiArch: string;
  replaces: readonly Relationship[];
}

/** The Replaces field of a control stanza. */
export function replacesOf(control: string): Relationship[] {
  return parseRelationships(parseStanza(control).get('Replaces') ?? '').flat();
}

/** Whether `a` says that it replaces files of `b`: by real name only, as in dpkg's does_replace (policy section 7.6.1). */
export const doesReplace = (a: Claimant, b: Claimant): boolean =>
  a.replaces.some(
    ({ name, version, qualifier }) =>
      name === b.name &&
      (qualifier === undefined || qualifier === 'any' || qualifier === b.architecture) &&
      (version === undefined || satisfies(b.version, version.relation, version.version)),
  );
