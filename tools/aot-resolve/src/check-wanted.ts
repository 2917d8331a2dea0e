import { nearNames, type PackageIndex, type PackageRecord } from '@apt-ostree/apt';
import { AotError } from '@apt-ostree/errors';
import { compareVersions, satisfies } from 'deb-version';
import type { Wanted } from './wanted.ts';

/**
 * Turns what a treefile asks for into words for apt, after all of it was found in the indices.
 * @throws AotError `failed` naming every package that no archive offers, with near names
 */
export function aptWords(wanted: readonly Wanted[], index: PackageIndex): string[] {
  const missing = wanted.filter((w) => !index.has(w.name) && index.providers(w.name).length === 0);
  if (missing.length > 0) throw notFound(missing, index);
  const problems: string[] = [];
  const words = wanted.map((w) => wordOf(w, index, problems));
  if (problems.length > 0) throw new AotError('failed', problems.join('; '), { code: 'version-not-found' });
  return words;
}

function notFound(missing: readonly Wanted[], index: PackageIndex): AotError {
  const names = missing.map((w) => `'${w.name}'`);
  const near = missing.flatMap((w) => {
    const found = nearNames(w.name, index.names());
    return found.length > 0 ? [`${found.map((n) => `'${n}'`).join(' or ')} instead of '${w.name}'`] : [];
  });
  return new AotError('failed', `packages not found: ${names.join(', ')}`, {
    code: 'packages-not-found',
    hint:
      near.length > 0
        ? `did you mean ${near.join('; ')}?`
        : 'check the names, and that the archive they are in is among the sources',
  });
}

function wordOf(wanted: Wanted, index: PackageIndex, problems: string[]): string {
  const name = wanted.architecture === undefined ? wanted.name : `${wanted.name}:${wanted.architecture}`;
  if (wanted.suite !== undefined) return `${name}/${wanted.suite}`;
  const { relation, version } = wanted;
  if (relation === undefined || version === undefined) return name;
  const records = index.records(wanted.name).filter((r) => offersArchitecture(r, wanted.architecture));
  const versions = [...new Set(records.map((r) => r.stanza.get('Version') ?? ''))].sort(compareVersions);
  const fit = versions.filter((v) => satisfies(v, relation, version)).at(-1);
  if (fit !== undefined) return `${name}=${fit}`;
  problems.push(`no archive offers '${wanted.text}': there is ${versions.join(', ') || 'no such architecture'}`);
  return name;
}

const offersArchitecture = ({ stanza }: PackageRecord, architecture: string | undefined): boolean =>
  architecture === undefined || [architecture, 'all'].includes(stanza.get('Architecture') ?? '');
