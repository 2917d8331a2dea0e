import { AotError } from '@apt-ostree/errors';
import type { Values } from './check-document.ts';
import { TREEFILE_KEYS } from './keys.ts';
import { type PackageRequest, parsePackageRequest } from './package-request.ts';
import { checkRepos } from './repos.ts';
import { isRef } from './types/names.ts';
import { VALUE_TYPES } from './value-types.ts';

/** Brings merged values into their one form: keys in the order of the table, sets sorted and without repetition. */
export function inOrder(values: Values): Values {
  const result: Values = {};
  for (const { name, type, flattened } of TREEFILE_KEYS) {
    const value = values[name];
    if (value === undefined || flattened === false) continue;
    result[name] = form(VALUE_TYPES[type].merge, type, value);
  }
  return result;
}

function form(merge: string, type: string, value: unknown): unknown {
  if (merge === 'unite') return [...new Set(value as string[])].sort();
  if (type === 'list of sources') return [...new Set(value as string[])];
  if (merge === 'update')
    return Object.fromEntries(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return value;
}

/** What can be judged only when everything is merged. */
export function checkWhole(values: Values, file: string, architecture: string): void {
  const wrong = (message: string, hint?: string) => new AotError('config', message, { hint, code: 'bad-treefile' });
  const base = values['basearch'];
  if (base !== architecture)
    throw wrong(
      `treefile '${file}' is for '${base}', and this machine is '${architecture}'`,
      'cross-composes are not supported',
    );
  const ref = values['ref'];
  if (ref !== undefined && !isRef(ref as string))
    throw wrong(
      `'${ref}' is no name for a ref in '${file}'`,
      'write words of letters, digits, _ - . and +, with slashes between',
    );
  const clash = asked(values, 'packages').find((p) => asked(values, 'exclude-packages').some((e) => e.name === p.name));
  if (clash) throw wrong(`package '${clash.name}' is asked for and excluded in '${file}'`);
  if (values['cliwrap-binaries'] !== undefined && values['cliwrap'] === undefined)
    throw wrong(`'cliwrap-binaries' does nothing without 'cliwrap' in '${file}'`, "write 'cliwrap: true' beside it");
  checkRepos(values, file);
}

const asked = (values: Values, key: string): PackageRequest[] =>
  ((values[key] as string[] | undefined) ?? []).map((entry) => parsePackageRequest(entry)!);
