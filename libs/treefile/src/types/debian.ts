import { ARCHITECTURE_NAMES, debianArchitecture } from '../architectures.ts';
import type { Place } from '../place.ts';
import { splitPackages } from '../split-packages.ts';
import { suggest } from '../suggest.ts';
import { listOf, mapOf, string } from './plain.ts';

/** An architecture by Debian's name. */
export function architecture(value: unknown, place: Place): string {
  const name = string(value, place);
  const debian = debianArchitecture(name);
  if (debian !== undefined) return debian;
  const near = suggest(name, ARCHITECTURE_NAMES);
  throw place.error(`unknown architecture '${name}'`, { hint: near && `did you mean '${near}'?` });
}

export const packages = (value: unknown, place: Place): string[] =>
  listOf((v, at) => splitPackages(string(v, at), at), 'a list of packages')(value, place).flat();

export const repoPackages = listOf((value, place) => {
  const { repo, packages: wanted } = members(value, place, ['repo', 'packages']);
  if (wanted === undefined || repo === undefined) throw place.error(`'repo-packages' needs 'repo' and 'packages'`);
  return { repo: string(repo, place.at('repo')), packages: packages(wanted, place.at('packages')) };
}, 'a list of maps with repo and packages');

/** debconf's types (debconf-devel(7)) that can be answered. */
const DEBCONF_TYPES = ['string', 'boolean', 'select', 'multiselect', 'note', 'text', 'password', 'error', 'title'];

/** Answers as `{package, type, value}`, which debconf-set-selections(1) wants; a line break would start another one. */
export const debconf = mapOf((value, place, question) => {
  if (!/^[A-Za-z0-9][A-Za-z0-9+._-]*(\/[A-Za-z0-9+._@:-]+)+$/.test(question))
    throw place.error(`'${question}' is no debconf question`, { hint: 'write it as package/question' });
  const long = typeof value === 'object' && value !== null && !Array.isArray(value);
  const given = long ? members(value, place, ['package', 'type', 'value']) : { value };
  const owner = string(given['package'] ?? question.split('/')[0], place);
  if (!/^[a-z0-9][a-z0-9+._-]*$/i.test(owner)) throw place.error(`'${owner}' is no package`);
  const type = string(given['type'] ?? defaultType(given['value']), place);
  if (!DEBCONF_TYPES.includes(type))
    throw place.error(`unknown debconf type '${type}'`, { hint: `it may be ${DEBCONF_TYPES.join(', ')}` });
  return { package: owner, type, value: answer(given['value'], place) };
}, 'a map of questions to answers');

const defaultType = (value: unknown): string =>
  typeof value === 'boolean' ? 'boolean' : Array.isArray(value) ? 'multiselect' : 'string';

function answer(value: unknown, place: Place): string {
  if (Array.isArray(value)) return value.map((v, i) => answer(v, place.at(i))).join(', ');
  if (typeof value !== 'boolean' && typeof value !== 'number' && typeof value !== 'string')
    throw place.wrongType('a string, a boolean, a number or a list', value ?? null);
  const text = String(value);
  if (/[\0\r\n]/.test(text)) throw place.error(`line break in the answer to '${place.key}'`);
  return text;
}

/** A map that may have these members only. */
export function members(value: unknown, place: Place, known: readonly string[]): Record<string, unknown> {
  const result = mapOf((v) => v, `a map with ${known.join(', ')}`)(value, place);
  for (const name of Object.keys(result)) {
    if (known.includes(name)) continue;
    const near = suggest(name, known);
    throw place.at(name).error(`unknown key '${place.at(name).key}'`, {
      hint: near ? `did you mean '${near}'?` : `it may have ${known.join(', ')}`,
      code: 'unknown-key',
    });
  }
  return result;
}
