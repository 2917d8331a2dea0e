import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { TreefileDocument } from './treefile-document.ts';

/** More is no treefile; it also bounds what parsing may cost. */
const LARGEST = 1024 * 1024;
/** Aliases may multiply a document; a treefile needs few. */
const MOST_ALIASES = 100;

/**
 * Reads one treefile, YAML or JSON by its ending.
 * @param path where it is
 * @param file how errors name it
 * @throws AotError `config` for what is no treefile; errors of the system as they are
 */
export function readDocument(path: string, file: string): TreefileDocument {
  checkEnding(file);
  if (statSync(path).size > LARGEST) throw unreadable(file, 'it is larger than 1 MiB');
  const text = decode(readFileSync(path), file);
  if (file.endsWith('.json')) checkJson(text, file);
  try {
    return parse(text, file, realpathSync(dirname(path)));
  } catch (cause) {
    if (cause instanceof RangeError) throw unreadable(file, 'it is nested too deeply', cause);
    if (cause instanceof ReferenceError) throw unreadable(file, 'it has too many aliases', cause);
    throw cause;
  }
}

function checkEnding(file: string): void {
  if (/\.(ya?ml|json)$/.test(file)) return;
  const kickstart = file.endsWith('.ks');
  throw unreadable(file, kickstart ? 'kickstart files are not supported' : `'${basename(file)}' has no known ending`, {
    hint: kickstart ? "list the packages under 'packages' in a YAML file" : 'name it .yaml, .yml or .json',
  });
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(file, 'it is not UTF-8', cause);
  }
}

/** JSON is a part of YAML, so that the parser below, which knows positions, reads it; here it must be JSON. */
function checkJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, `it is no valid JSON: ${(cause as Error).message.split('\n')[0]}`, cause);
  }
}

function parse(text: string, file: string, directory: string): TreefileDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, stringKeys: true });
  const problem = document.errors[0];
  if (problem?.code === 'RESOURCE_EXHAUSTION' || /call stack/.test(problem?.message ?? ''))
    throw unreadable(file, 'it is nested too deeply');
  if (problem)
    throw unreadable(`${file}:${lines.linePos(problem.pos[0]).line}`, problem.message.split(/ at line|\n/)[0]!);
  const warning = document.warnings[0];
  if (warning)
    throw unreadable(`${file}:${lines.linePos(warning.pos[0]).line}`, warning.message.split(/ at line|\n/)[0]!);
  if (!isMap(document.contents)) throw unreadable(file, 'it must be a map of keys to values');
  const values = document.toJS({ maxAliasCount: MOST_ALIASES });
  checkPlain(values, file);
  return new TreefileDocument(file, directory, values, document, lines);
}

/** Values travel as JSON, which knows neither cycles nor infinities. */
function checkPlain(values: unknown, file: string): void {
  try {
    JSON.stringify(values, (name, value) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw unreadable(file, `'${name}' is no finite number`);
      return value;
    });
  } catch (cause) {
    throw cause instanceof TypeError ? unreadable(file, 'it contains itself through an alias', cause) : cause;
  }
}

const unreadable = (file: string, why: string, more?: unknown): AotError =>
  new AotError('config', `cannot read treefile '${file}': ${why.slice(0, 1).toLowerCase()}${why.slice(1)}`, {
    code: 'bad-treefile',
    ...(more instanceof Error ? { cause: more } : (more as object)),
  });
