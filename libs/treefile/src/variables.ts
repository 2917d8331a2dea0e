import { AotError } from '@apt-ostree/errors';
import type { VariableValue } from './conditions.ts';
import { TREEFILE_KEYS } from './keys.ts';

export type Variables = Record<string, VariableValue>;

/** Variables of the command line are strings; they take the type of the declared one that they replace. */
export function typed(given: Readonly<Record<string, string>>, declared: Variables): Variables {
  const own = (name: string) => (Object.hasOwn(declared, name) ? declared[name] : undefined);
  return Object.fromEntries(Object.entries(given).map(([name, text]) => [name, coerce(name, text, own(name))]));
}

function coerce(name: string, text: string, like: VariableValue | undefined): VariableValue {
  if (name === 'releasever' || name === 'basearch')
    throw new AotError('config', `variable '${name}' is reserved`, { code: 'reserved-variable' });
  if (typeof like === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  if (typeof like === 'number' && /^\d{1,15}$/.test(text)) return Number(text);
  if (like === undefined || typeof like === 'string') return text;
  throw new AotError('config', `wrong type for variable '${name}': expected a ${typeof like}, got '${text}'`, {
    code: 'wrong-type',
  });
}

/** Replaces `${name}` in the keys that allow it, in their strings on the first level. */
export function substitute(values: Record<string, unknown>, variables: Variables, file: string): void {
  for (const { name, substituted } of TREEFILE_KEYS) {
    const value = values[name];
    if (!substituted || value === undefined) continue;
    const replace = (v: unknown) => (typeof v === 'string' ? replaceIn(v, name, variables, file) : v);
    values[name] =
      typeof value === 'string'
        ? replace(value)
        : Object.fromEntries(Object.entries(value as object).map(([k, v]) => [k, replace(v)]));
  }
}

const replaceIn = (text: string, key: string, variables: Variables, file: string): string =>
  text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (Object.hasOwn(variables, name)) return String(variables[name]);
    throw new AotError('config', `undefined variable '${name}' in key '${key}' of '${file}'`, {
      hint: "set it under 'variables'",
      code: 'undefined-variable',
    });
  });
