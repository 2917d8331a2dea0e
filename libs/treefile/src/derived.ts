import { findKey } from './keys.ts';
import { formatPackageRequest, parsePackageRequest } from './package-request.ts';
import { Place } from './place.ts';
import { readDocument } from './read-document.ts';
import { suggest } from './suggest.ts';
import type { TreefileDocument } from './treefile-document.ts';
import { VALUE_TYPES } from './value-types.ts';

/** What a system is to have besides what its image has. */
export interface Derived {
  /** As `packages` of a treefile has them. */
  packages: string[];
  /** Names of packages of the image. */
  remove: string[];
  /** Packages of the image that another archive's take the place of. */
  replace: { repo: string; packages: string[] }[];
}

const KNOWN = ['packages', 'override-remove', 'ex-override-replace'];

/**
 * Reads a file that describes a derived system, in the form that rpm-ostree's clients have.
 * @throws AotError `config` for whatever is wrong in it; keys about composing are named all at once
 */
export function loadDerived(path: string): Derived {
  const document = readDocument(path, path);
  checkKeys(document);
  const place = (name: string) => new Place(document, [name]);
  const packages = document.values['packages'];
  const replace = listOf(document.values['ex-override-replace'], place('ex-override-replace'));
  return {
    packages: packages == null ? [] : (VALUE_TYPES['packages'].check(packages, place('packages')) as string[]),
    remove: listOf(document.values['override-remove'], place('override-remove')).map((name) =>
      nameIn(name, place('override-remove')),
    ),
    replace: replace.map((row) => replacement(row, place('ex-override-replace'))),
  };
}

function checkKeys(document: TreefileDocument): void {
  const names = Object.keys(document.values);
  const base = names.filter((name) => !KNOWN.includes(name) && findKey(name) !== undefined);
  if (base.length > 0)
    throw new Place(document, [base[0] as string]).error('the following base fields are not supported', {
      detail: base.join(', '),
      hint: `here are ${KNOWN.map((k) => `'${k}'`).join(', ')}`,
      code: 'base-fields',
    });
  const unknown = names.find((name) => !KNOWN.includes(name));
  if (unknown === undefined) return;
  const near = suggest(unknown, KNOWN);
  throw new Place(document, [unknown]).error(`unknown key '${unknown}'`, {
    hint: near ? `did you mean '${near}'?` : `here are ${KNOWN.map((k) => `'${k}'`).join(', ')}`,
    code: 'unknown-key',
  });
}

/** `{from: {repo: NAME}, packages: [NAME...]}`. */
function replacement(row: unknown, place: Place): Derived['replace'][number] {
  const { from, packages } = (row ?? {}) as { from?: { repo?: unknown } | null; packages?: unknown };
  const repo = from?.repo;
  if (typeof repo !== 'string' || !/^[^,;\s]+$/.test(repo)) throw place.error("'from' names no 'repo'");
  return { repo, packages: listOf(packages, place).map((name) => nameIn(name, place)) };
}

function listOf(value: unknown, place: Place): unknown[] {
  if (value == null) return [];
  if (Array.isArray(value)) return value;
  throw place.error('it is no list');
}

function nameIn(value: unknown, place: Place): string {
  const request = typeof value === 'string' ? parsePackageRequest(value) : undefined;
  if (request !== undefined && formatPackageRequest(request) === request.name) return request.name;
  throw place.error(`'${String(value).slice(0, 80)}' is no name of a package`, { code: 'bad-package' });
}
