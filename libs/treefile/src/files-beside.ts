import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { explain, isAotError } from '@apt-ostree/errors';
import type { Place } from './place.ts';

/**
 * The absolute path of a file that a treefile names beside it.
 * @throws AotError `config` when the name leads out of the treefile's directory, or there is no such regular file
 */
export function fileBeside(name: string, place: Place): string {
  const { directory } = place.document;
  const path = join(directory, checkName(name, place));
  try {
    const real = realpathSync(path);
    if (!real.startsWith(directory === sep ? sep : directory + sep)) throw leadsOut(name, place);
    if (!statSync(real).isFile()) throw place.error(`'${name}' is no regular file`, { code: 'bad-file' });
  } catch (error) {
    throw missing(error, name, place);
  }
  return path;
}

/** As `fileBeside`, for a file that is to be run. */
export function executableBeside(name: string, place: Place): string {
  const path = fileBeside(name, place);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw place.error(`'${name}' is not executable`, { hint: `chmod +x ${name}`, code: 'bad-file' });
  }
  return path;
}

function checkName(name: string, place: Place): string {
  if (name === '' || name.includes('\0')) throw place.error(`'${name}' is no file name`, { code: 'bad-file' });
  const path = normalize(name);
  if (isAbsolute(path) || path === '..' || path.startsWith('../')) throw leadsOut(name, place);
  return path;
}

const leadsOut = (name: string, place: Place) =>
  place.error(`'${name}' is outside of the treefile's directory`, {
    code: 'bad-file',
    hint: 'name a file beside the treefile that uses it, by a relative path',
  });

function missing(error: unknown, name: string, place: Place): unknown {
  if (isAotError(error)) return error;
  const known = explain(error, `cannot use '${name}'`);
  return isAotError(known)
    ? place.error(`cannot use '${name}'`, { detail: known.message.split(': ').at(-1)!, code: 'bad-file' })
    : known;
}
