import { accessSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { executableBeside, fileBeside } from '../files-beside.ts';
import type { Place } from '../place.ts';
import { suggest } from '../suggest.ts';
import { listOf, mapOf, string, strings } from './plain.ts';

export const script = (value: unknown, place: Place): string => executableBeside(string(value, place), place);

/** Where files can be added: what a commit holds. /usr/local belongs to the machine. */
const ADDABLE = /^\/(?:usr\/(?!local(?:\/|$))|etc\/|bin\/|sbin\/|lib\/|lib64\/)[^/]/;

export const addFiles = listOf((value, place) => {
  const pair = strings(value, place);
  if (pair.length !== 2) throw place.wrongType('a list of two paths: source, destination', value);
  const target = treePath(pair[1], place);
  if (!ADDABLE.test(target))
    throw place.error(`cannot add '${pair[1]}' to the tree`, {
      hint: 'files can be added below /usr, except /usr/local, and below /etc; for /var, add a tmpfiles.d fragment',
    });
  return [fileBeside(pair[0]!, place), target];
}, 'a list of pairs of paths');

/** A path in the tree as an absolute one. */
export function treePath(value: unknown, place: Place): string {
  const path = string(value, place);
  if (path.split('/').includes('..'))
    throw place.error(`'..' in path '${path}'`, { hint: 'write the path as it is in the tree' });
  const absolute = normalize(`/${path}`).replace(/(.)\/$/, '$1');
  if (absolute === '/') throw place.error(`'${path}' is no path in the tree`);
  return absolute;
}

export const treePaths = listOf(treePath, 'a list of paths');

export const removeFromPackages = listOf((value, place) => {
  const [name, ...patterns] = strings(value, place);
  if (name === undefined || patterns.length === 0)
    throw place.wrongType('a list of a package and regular expressions', value);
  for (const [i, pattern] of patterns.entries()) checkPattern(pattern, place.at(i + 1));
  return [name, ...patterns];
}, 'a list of lists');

function checkPattern(pattern: string, place: Place): void {
  try {
    new RegExp(pattern);
  } catch (cause) {
    throw place.error(`'${pattern}' is no regular expression`, {
      detail: (cause as Error).message.split(': ').at(-1)!,
    });
  }
}

/** Names of .sources or .list files beside the treefile, with or without the ending. */
export const sources = listOf((value, place) => {
  const name = string(value, place);
  if (/\.(sources|list)$/.test(name)) return fileBeside(name, place);
  const found = [`${name}.sources`, `${name}.list`].find((file) => exists(join(place.document.directory, file)));
  if (found !== undefined) return fileBeside(found, place);
  throw place.error(`no source '${name}'`, {
    hint: `write '${name}.sources' beside the treefile`,
    code: 'missing-source',
  });
}, 'a list of names of .sources files');

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

const STAGES = ['resolve', 'fetch', 'unpack', 'sandbox', 'commit'];
const STAGE_KEYS = STAGES.flatMap((stage) => [stage, `after-${stage}`]);

/** Commands as lists of words; the program itself may be a file beside the treefile. */
export const stages = mapOf((value, place, name) => {
  if (!STAGE_KEYS.includes(name)) {
    const near = suggest(name, STAGE_KEYS);
    throw place.error(`unknown stage '${name}'`, {
      hint: near ? `did you mean '${near}'?` : `there are ${STAGES.join(', ')}`,
    });
  }
  const words = Array.isArray(value) ? strings(value, place) : string(value, place).split(/\s+/).filter(Boolean);
  const program = words[0];
  if (!program) throw place.error(`empty command for stage '${name}'`);
  return program.startsWith('./') ? [executableBeside(program, place), ...words.slice(1)] : words;
}, 'a map of stages to commands');
