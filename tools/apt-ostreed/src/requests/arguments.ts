import { type Dictionary, invalidArguments, plain } from '@apt-ostree/dbus';
import { notYet } from '../names.ts';

/** Longer things, and more of them, are no names of anything, and no program could be given them. */
const MAX_TEXT = 4096;
const MAX_LIST = 1000;

/** A text for a command line. */
export function text(what: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidArguments(`'${what}' must be a string`);
  if (value.length > MAX_TEXT) throw invalidArguments(`'${what}' is too long`);
  return value;
}

export function texts(what: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidArguments(`'${what}' must be a list of strings`);
  if (value.length > MAX_LIST) throw invalidArguments(`'${what}' is too long`);
  return value.map((v) => text(what, v));
}

/** A word that stands by itself in a command line, where one that begins with `-` would be an option. */
export function word(what: string, value: unknown): string {
  const checked = text(what, value);
  if (checked === '' || checked.startsWith('-'))
    throw invalidArguments(`'${what}' cannot be '${checked.slice(0, 40)}'`);
  return checked;
}

export const words = (what: string, value: unknown): string[] => texts(what, value).map((v) => word(what, v));

/** What is looked for: words or globs, of what can be typed. */
export const terms = (what: string, value: unknown): string[] =>
  words(what, value).map((term) => {
    if (term.trim() === '' || /\p{C}/u.test(term)) throw invalidArguments(`'${what}' has a term that is no text`);
    return term;
  });

/** Names of packages with what apt lets stand behind them: =VERSION, /SUITE, :ARCHITECTURE. */
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9+.:~=/_-]*$/;
const FILE = /\.deb$|:\/\//;

/** Packages of the archives. A file would be opened by root for whoever names it, so none is taken by its name. */
export const packageNames = (what: string, value: unknown): string[] =>
  words(what, value).map((name) => {
    if (FILE.test(name)) throw notYet(`'${name.slice(0, 80)}': the daemon takes packages of the archives only`);
    if (!PACKAGE.test(name)) throw invalidArguments(`'${name.slice(0, 80)}' is no package`);
    return name;
  });

/** Options of a method: each key that it knows with the type of its value. */
export class Options {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(dictionary: unknown, types: Readonly<Record<string, string>>) {
    const given = dictionary as Dictionary;
    for (const [key, { signature }] of given) {
      const type = Object.hasOwn(types, key) ? types[key] : undefined;
      if (type === undefined) throw invalidArguments(`there is no option '${key.slice(0, 40)}'`);
      if (signature !== type)
        throw invalidArguments(`the option '${key}' is of type '${type}', not '${signature.slice(0, 40)}'`);
    }
    this.#values = plain(given) as Map<string, unknown>;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  is(key: string): boolean {
    return this.#values.get(key) === true;
  }

  text(key: string): string | undefined {
    return this.has(key) ? text(key, this.#values.get(key)) : undefined;
  }

  texts(key: string): string[] {
    return this.has(key) ? texts(key, this.#values.get(key)) : [];
  }

  pair(key: string): string[] | undefined {
    return this.has(key) ? texts(key, this.#values.get(key)) : undefined;
  }

  /**
   * Makes sure that nothing that is asked for is left out: a look would become a change.
   * @throws DbusError `NotInThisVersion` that names an option which the command line does not have
   */
  requireAllIn(argv: readonly string[]): void {
    for (const [key, value] of this.#values)
      if (value !== false && value !== '' && !isMet(key, value, argv)) throw notYet(`'${key}' of '${argv[0]}'`);
  }

  /** Of these flags, those that are set, as options of a command line. */
  flags(...names: string[]): string[] {
    return names.filter((name) => this.is(name)).map((name) => `--${name}`);
  }
}

/** Options of a command line, where they have another name than those of methods. */
const NAMES: Record<string, readonly string[]> = {
  'dry-run': ['--dry-run', '--preview'],
  'idempotent-layering': ['--idempotent'],
  'no-layering': ['--overlays', '--all'],
  'no-overrides': ['--overrides', '--all'],
  'no-initramfs': ['--initramfs'],
  'custom-origin': ['--custom-origin-url'],
};

/** What commands do anyhow, or leave out by being another command. */
const NEEDLESS = ['initiating-command-line', 'no-pull-base', 'allow-downgrade', 'skip-branch-check'];

function isMet(key: string, value: unknown, argv: readonly string[]): boolean {
  if (NEEDLESS.includes(key) || (key === 'cache-only' && isOffline(argv))) return true;
  const names = NAMES[key] ?? [`--${key}`];
  return argv.some((word) => word === value || names.includes(word.split('=', 1)[0] as string));
}

/** These fetch nothing but for packages that are to come. */
const isOffline = (argv: readonly string[]): boolean =>
  ['uninstall', 'reset'].includes(argv[0] as string) && !argv.some((word) => word.startsWith('--install='));

/** `--name=value` for each value. */
export const repeated = (name: string, values: readonly string[]): string[] => values.map((v) => `--${name}=${v}`);
