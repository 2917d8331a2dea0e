import { AotError } from '@apt-ostree/errors';
import type { InputFile } from '@apt-ostree/manifest';
import { ARCHITECTURE_NAMES, debianArchitecture } from './architectures.ts';
import { fileBeside } from './files-beside.ts';
import { collectInputs } from './inputs.ts';
import { parsePackageRequest } from './package-request.ts';
import { Place } from './place.ts';
import { readDocument } from './read-document.ts';
import { suggest } from './suggest.ts';
import type { TreefileDocument } from './treefile-document.ts';

/** Packages that are offered beside a base. */
export interface Extension {
  /** os-extension: fits the base, with all that it needs; development: for builds elsewhere, alone. */
  kind: 'os-extension' | 'development';
  packages: string[];
  /** A package of the base whose version these must have. */
  matchBaseEvr: string | undefined;
}

export interface Extensions {
  /** Those for the architecture, by name. */
  extensions: Record<string, Extension>;
  /** Files of further sources, relative to the directory. */
  repos: string[];
  /** Those files and their keys. */
  inputs: InputFile[];
  /** Absolute. */
  directory: string;
}

type Fields = Record<string, unknown>;

const TOP = ['repos', 'extensions'];
const KEYS = ['kind', 'packages', 'repos', 'architectures', 'match-base-evr'];
const KINDS = ['os-extension', 'development'];

/**
 * Reads a file of extensions, YAML or JSON, in rpm-ostree's form.
 * @throws AotError `noInput` when it is not there, `config` for whatever is wrong in it
 */
export function loadExtensions(path: string, architecture: string): Extensions {
  const document = open(path);
  checkKeys(document.values, TOP, path);
  const all = fields(document.values['extensions'], 'extensions', path);
  const own = debianArchitecture(architecture) ?? architecture;
  const chosen = Object.entries(all).map(([name, value]) => read(name, fields(value, name, path), path));
  const here = chosen.filter((e) => e.architectures === undefined || e.architectures.includes(own));
  const named = [...texts(document.values, 'repos', path), ...here.flatMap((e) => e.repos)];
  const repos = [...new Set(named)].map((name) => source(name, document));
  return {
    extensions: Object.fromEntries(here.map(({ name, extension }) => [name, extension])),
    repos,
    inputs: collectInputs({ repos }, document.directory),
    directory: document.directory,
  };
}

function open(path: string): TreefileDocument {
  try {
    return readDocument(path, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AotError('noInput', `cannot read '${path}': no such file or directory`, { cause: error });
  }
}

function read(name: string, value: Fields, file: string) {
  checkKeys(value, KEYS, file);
  const kind = value['kind'] ?? 'os-extension';
  if (typeof kind !== 'string' || !KINDS.includes(kind))
    throw bad(file, `'kind' of '${name}' is neither ${KINDS.join(' nor ')}`);
  const packages = texts(value, 'packages', file);
  const wrong = packages.find((text) => parsePackageRequest(text) === undefined);
  if (wrong !== undefined) throw bad(file, `'${wrong}' is no package`);
  if (packages.length === 0) throw bad(file, `'${name}' has no packages`);
  const match = value['match-base-evr'];
  if (match !== undefined && (typeof match !== 'string' || parsePackageRequest(match)?.name !== match))
    throw bad(file, `'match-base-evr' of '${name}' is no package`);
  const architectures = value['architectures'] === undefined ? undefined : texts(value, 'architectures', file);
  const unknown = architectures?.find((a) => !ARCHITECTURE_NAMES.includes(a));
  if (unknown !== undefined) throw bad(file, `'${unknown}' is no architecture`);
  return {
    name,
    extension: { kind: kind as Extension['kind'], packages, matchBaseEvr: match as string | undefined },
    repos: texts(value, 'repos', file),
    architectures: architectures?.map(debianArchitecture),
  };
}

function source(name: string, document: TreefileDocument): string {
  const place = new Place(document, ['repos']);
  const file = [name, `${name}.sources`, `${name}.list`].find(
    (f) => /\.(?:sources|list)$/.test(f) && isThere(f, place),
  );
  if (file !== undefined) return file;
  throw bad(document.file, `there is no '${name}.sources' beside it`);
}

function isThere(name: string, place: Place): boolean {
  try {
    fileBeside(name, place);
    return true;
  } catch {
    return false;
  }
}

function checkKeys(value: Fields, known: readonly string[], file: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const near = suggest(unknown, known);
  throw bad(file, `the key '${unknown}' is not known`, near && `did you mean '${near}'?`);
}

function fields(value: unknown, name: string, file: string): Fields {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Fields;
  throw bad(file, `'${name}' is no map`);
}

/** A list of strings; none where the key is missing. */
function texts(value: Fields, key: string, file: string): string[] {
  const list = value[key] ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list as string[];
  throw bad(file, `'${key}' is no list of strings`);
}

const bad = (file: string, why: string, hint?: string): AotError =>
  new AotError('config', `cannot use '${file}': ${why}`, { code: 'bad-extensions', hint });
