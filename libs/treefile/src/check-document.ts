import { debianArchitecture } from './architectures.ts';
import { findKey, TREEFILE_KEYS, type TreefileKey } from './keys.ts';
import { Place } from './place.ts';
import { suggest } from './suggest.ts';
import type { TreefileDocument } from './treefile-document.ts';
import { architecture as checkArchitecture } from './types/debian.ts';
import { VALUE_TYPES } from './value-types.ts';

/** Checked values by the names of their keys, older spellings and architectures resolved. */
export type Values = Record<string, unknown>;

/**
 * Checks every key of one treefile against the table of keys.
 * @param architecture the tree's; packages of other architectures are checked and left out
 */
export function checkDocument(document: TreefileDocument, architecture: string): Values {
  refuseDerived(document);
  const values: Values = {};
  for (const [name, value] of Object.entries(document.values)) {
    const place = new Place(document, [name]);
    const key = known(name, place);
    refuse(key, value, place);
    if (value === null) continue; // as if it were not there
    const checked = VALUE_TYPES[key.type].check(value, place);
    if (key.name === 'packages-$basearch') addPackages(values, name, checked as string[], architecture, place);
    else if (key.name in values && key.name !== 'packages')
      throw place.error(`key '${key.name}' is there twice, as '${name}' too`);
    else
      values[key.name] =
        key.name === 'packages' ? [...((values['packages'] as string[]) ?? []), ...(checked as string[])] : checked;
  }
  return values;
}

function known(name: string, place: Place): TreefileKey {
  const key = findKey(name);
  if (key) return key;
  const near = suggest(
    name,
    TREEFILE_KEYS.filter((k) => k.status !== 'derive').map((k) => k.name),
  );
  throw place.error(`unknown key '${name}'`, {
    hint: near ? `did you mean '${near}'?` : "see the manual page 'treefile(5)'",
    code: 'unknown-key',
  });
}

function refuse(key: TreefileKey, value: unknown, place: Place): void {
  const refused = [value].flat().find((one) => key.refusedValues?.[String(one)] !== undefined);
  const reason = key.status === 'refused' ? key.reason : key.refusedValues?.[String(refused)];
  if (reason === undefined) return;
  const what = key.status === 'refused' ? `key '${key.name}'` : `'${key.name}: ${String(refused)}'`;
  throw place.error(`cannot use ${what}`, { detail: reason, code: 'refused-key' });
}

/** Keys that describe a derived system: all of them in one error, as rpm-ostree has it. */
function refuseDerived(document: TreefileDocument): void {
  const names = Object.keys(document.values).filter((name) => findKey(name)?.status === 'derive');
  if (names.length === 0) return;
  throw new Place(document, [names[0]!]).error('the following derivation fields are not supported', {
    detail: names.join(', '),
    hint: 'they describe layered systems, not trees that are composed',
    code: 'derivation-fields',
  });
}

function addPackages(values: Values, name: string, packages: string[], architecture: string, place: Place): void {
  const wanted = name.slice('packages-'.length);
  checkArchitecture(wanted, place);
  if (debianArchitecture(wanted) !== architecture) return;
  values['packages'] = [...((values['packages'] as string[] | undefined) ?? []), ...packages];
}
