import { copyFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import { archivePath } from '@apt-ostree/manifest';
import { hashFile, makeDirectories, run, temporaryDirectory } from '@apt-ostree/run';
import { verifySignature } from './signature.ts';

/** Whether a word on the command line is a package itself, and not the name of one. */
export const isFile = (word: string): boolean => /\.deb$|^(file|https?):\/\//.test(word);

/** Whether such a word is to be downloaded. */
export const isRemote = (word: string): boolean => /^https?:/.test(word);

/**
 * Takes a package from a file or a URL into the cache.
 * @returns how an origin names it
 * @throws AotError `noInput` where it is not there, `unavailable` where a server does not answer, `data` for no package
 */
export async function takeFile(word: string, cachedir: string, context: Context): Promise<string> {
  const scratch = await temporaryDirectory(join(cachedir, 'tmp'));
  try {
    const file = join(scratch.path, 'package.deb');
    if (isRemote(word)) await download(word, file, context);
    else copy(localFile(word), file);
    const name = await fullNameOf(file, word);
    await verifySignature(file, word);
    const sha256 = await hashFile(file);
    const place = join(cachedir, archivePath(sha256));
    makeDirectories(dirname(place));
    renameSync(file, place);
    return `${sha256}:${name}`;
  } finally {
    await scratch.remove();
  }
}

/** What speaks with servers is loaded only where one is named. */
const download = async (url: string, to: string, context: Context): Promise<void> =>
  (await import('./download.ts')).downloadTo(url, to, context);

/**
 * The path of a package that is a file here.
 * @throws AotError `noInput` where there is none, `usage` for a URL of no file
 */
export function localFile(word: string): string {
  const path = word.startsWith('file:') ? pathOf(word) : word;
  if (!isRegular(path)) throw new AotError('noInput', `cannot read package '${path}': it is no file`);
  return path;
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new AotError('usage', `cannot use '${url}': it is no URL of a file`, { hint: "give 'file:///PATH'" });
  }
}

function copy(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    throw explain(error, `cannot take package '${from}'`);
  }
}

function isRegular(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    throw explain(error, `cannot read package '${path}'`);
  }
}

async function fullNameOf(file: string, word: string): Promise<string> {
  const fields = ['Package', 'Version', 'Architecture'];
  const { exitCode, stdout, stderr } = await run('dpkg-deb', ['--field', file, ...fields], { ok: 'any' });
  const values = fields.map((field) => new RegExp(`^${field}: (\\S+)$`, 'm').exec(stdout)?.[1]);
  if (exitCode === 0 && values.every((v) => v !== undefined)) return values.join('_');
  const why = stderr.trim().replace(/^dpkg-deb: error: /, '') || 'it names no package, version or architecture';
  throw new AotError('data', `cannot use '${word}': it is no Debian package: ${why.replaceAll(file, word)}`, {
    code: 'no-package',
  });
}
