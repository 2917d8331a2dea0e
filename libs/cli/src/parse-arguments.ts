import { parseArgs } from 'node:util';
import { AotError } from '@apt-ostree/errors';
import type { Option } from './definition.ts';

export interface ParsedArguments {
  args: Record<string, string | boolean | string[] | undefined>;
  /** What came after `--`. */
  rest: string[];
}

type Token =
  | { kind: 'option'; name: string; rawName: string; value?: string | undefined }
  | { kind: 'positional'; value: string }
  | { kind: 'option-terminator' };

/**
 * Parses strictly: an unknown option, a surplus argument, a missing value or a repeated single option is an error, before
 * anything has happened.
 * @param takesRest whether what follows `--` is another command's
 * @throws AotError `usage`
 */
export function parseArguments(
  argv: readonly string[],
  options: Record<string, Option>,
  takesRest = false,
): ParsedArguments {
  const named = Object.entries(options).filter(([, o]) => o.type !== 'positional');
  const canonical = new Map(
    named.flatMap(([name, o]) => [name, ...(o.also ?? [])].map((spelling) => [spelling, name])),
  );
  const cut = takesRest ? argv.indexOf('--') : -1;
  const own = cut < 0 ? argv : argv.slice(0, cut);
  const rest = cut < 0 ? [] : argv.slice(cut + 1);

  const args: ParsedArguments['args'] = defaults(options);
  const positionals: string[] = [];
  const seen = new Set<string>();
  for (const token of tokenize(own, named)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const name = canonical.get(token.name);
    if (name === undefined) throw unknownOption(token.rawName, [...canonical.keys()]);
    assign(args, name, options[name] as Option, token, seen);
  }
  assignPositionals(args, options, positionals);
  return { args, rest: [...rest] };
}

function tokenize(argv: readonly string[], named: [string, Option][]): Token[] {
  const config: Record<string, { type: 'string' | 'boolean'; short?: string }> = {};
  for (const [name, o] of named) {
    const type = o.type === 'boolean' ? 'boolean' : 'string';
    config[name] = { type, ...(o.alias ? { short: o.alias } : {}) };
    for (const also of o.also ?? []) config[also] = { type };
  }
  return parseArgs({ args: [...argv], options: config, strict: false, tokens: true, allowPositionals: true })
    .tokens as Token[];
}

const defaults = (options: Record<string, Option>): ParsedArguments['args'] =>
  Object.fromEntries(
    Object.entries(options).map(([name, o]) => [
      name,
      o.multiple ? [] : (o.default ?? (o.type === 'boolean' ? false : undefined)),
    ]),
  );

function assign(
  args: ParsedArguments['args'],
  name: string,
  option: Option,
  token: Token & { kind: 'option' },
  seen: Set<string>,
): void {
  if (option.refused !== undefined)
    throw new AotError('usage', `cannot use '${token.rawName}': ${option.refused}`, { code: 'refused-option' });
  if (option.type === 'boolean') {
    if (token.value !== undefined) throw new AotError('usage', `option '${token.rawName}' takes no value`);
    args[name] = true;
    return;
  }
  if (token.value === undefined) throw new AotError('usage', `option '${token.rawName}' needs a value`);
  if (option.options && !option.options.includes(token.value)) {
    throw new AotError('usage', `option '${token.rawName}' cannot be '${token.value}'`, {
      hint: `it is one of ${option.options.join(', ')}`,
    });
  }
  if (option.multiple) {
    (args[name] as string[]).push(token.value);
    return;
  }
  if (seen.has(name)) throw new AotError('usage', `option '${token.rawName}' is given twice`);
  seen.add(name);
  args[name] = token.value;
}

function assignPositionals(args: ParsedArguments['args'], options: Record<string, Option>, values: string[]): void {
  const left = [...values];
  for (const [name, option] of Object.entries(options)) {
    if (option.type !== 'positional') continue;
    if (option.multiple) args[name] = left.splice(0);
    else if (left.length > 0) args[name] = left.shift();
    const missing = option.multiple ? (args[name] as string[]).length === 0 : args[name] === undefined;
    if (missing && option.required !== false) {
      throw new AotError('usage', `missing argument ${option.valueHint ?? name.toUpperCase()}`, { hint: 'see --help' });
    }
  }
  if (left.length > 0) throw new AotError('usage', `surplus argument '${left[0]}'`, { hint: 'see --help' });
}

function unknownOption(raw: string, names: string[]): AotError {
  const wanted = raw.replace(/^-+/, '');
  const near = names.map((n) => [n, distance(n, wanted)] as const).sort((a, b) => a[1] - b[1])[0];
  return new AotError('usage', `unknown option '${raw}'`, {
    hint: near && near[1] <= 2 && wanted.length > 1 ? `did you mean '--${near[0]}'?` : 'see --help',
  });
}

/** Edit distance (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
