import { Variant } from '@apt-ostree/dbus';
import { requestOf } from '../../layer/requests.ts';
import { isFile } from '../../layer/take-file.ts';
import type { Upload } from '../upload.ts';

/** Options of a command line by their names. */
export type Args = Record<string, unknown>;

/** A method of an OS object. */
export interface Call {
  /** `OS` unless said. */
  interface?: string;
  method: string;
  signature: string;
  /** @param digestOf of a file that was sent */
  body(commandLine: string, digestOf: (word: string) => string): readonly unknown[] | Promise<readonly unknown[]>;
  /** What is sent before. */
  files: readonly Upload[];
  /** The client wants exit code 77 for no change. */
  tells77: boolean;
}

/** Options of the client itself. */
const OWN = ['sysroot', 'stateroot', 'peer', 'quiet', 'progress-fd', 'json-errors', 'help', 'version', 'bypass-driver'];
export const UNCHANGED = ['unchanged-exit-77', 'upgrade-unchanged-exit-77'];
export const LAYERING = ['install', 'uninstall'];

export type Entry = [key: string, signature: string, value: unknown];

export const call = (method: string, signature: string, body: Call['body']): Call => ({
  ...{ method, signature, body },
  ...{ files: [], tells77: false },
});

/** A call whose client wants 77 for no change where its command line says so. */
export const telling = (args: Args, made: Call): Call => ({
  ...made,
  tells77: UNCHANGED.some((name) => args[name] === true),
});

export const options = (entries: readonly Entry[]): Map<string, Variant> =>
  new Map(entries.map(([key, signature, value]) => [key, new Variant(signature, value)]));

/** The flags that are given, the command line, and what else there is. */
export const flags = (args: Args, names: readonly string[], commandLine: string, more: readonly Entry[] = []) =>
  options([
    ...names.filter((name) => args[name]).map((name) => [name, 'b', true] as Entry),
    ['initiating-command-line', 's', commandLine],
    ...more,
  ]);

export const list = (args: Args, name: string): string[] => (args[name] ?? []) as string[];

/** True when no option is given but these, and those that are the client's own affair. */
export const only = (args: Args, ...names: string[]): boolean =>
  Object.entries(args).every(([name, value]) => OWN.includes(name) || names.includes(name) || isUnset(value));

export const isUnset = (value: unknown): boolean =>
  value === undefined || value === false || (Array.isArray(value) && value.length === 0);

/** Lists that are not empty. */
export const lists = (...entries: [key: string, values: readonly string[]][]): Entry[] =>
  entries.filter(([, values]) => values.length > 0).map(([key, values]) => [key, 'as', values]);

/** Packages that are layered and not any more: names, and files, which are sent. */
export interface Layering {
  files: readonly Upload[];
  /** Modifiers of UpdateDeployment. */
  entries(digestOf: (word: string) => string): Entry[];
}

/** @param forced their files may replace those of other packages */
export function layering(added: readonly string[], removed: readonly string[], forced = false): Layering {
  const files = added.filter(isFile);
  for (const word of added) if (!isFile(word)) requestOf(word); // what is none is refused as without the daemon
  return {
    files: files.map((word) => ({ purpose: 'install', word })),
    entries: (digestOf) =>
      lists(
        [`${forced ? 'install-fileoverride' : 'install'}-uploaded-packages`, files.map(digestOf)],
        ['install-packages', added.filter((word) => !isFile(word))],
        ['uninstall-packages', removed],
      ),
  };
}

/** UpdateDeployment with modifiers, some of which name files. */
export function update(
  files: readonly Upload[],
  modifiers: (digestOf: (word: string) => string) => readonly Entry[],
  given: (commandLine: string) => Map<string, Variant>,
): Call {
  const body: Call['body'] = (line, digestOf) => [options(modifiers(digestOf)), given(line)];
  return { ...call('UpdateDeployment', 'a{sv}a{sv}', body), files };
}
