import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import { archivePath } from '@apt-ostree/manifest';
import { makeDirectories, run, temporaryDirectory } from '@apt-ostree/run';

/** Whether a word on the command line is a package itself, and not the name of one. */
export const isFile = (word: string): boolean => /\.deb$|^(file|https?):\/\//.test(word);

/**
 * Takes a package from a file or a URL into the cache.
 * @returns how an origin names it
 * @throws AotError `noInput` where it is not there, `unavailable` where a server does not answer, `data` for no package
 */
export async function takeFile(word: string, cachedir: string, context: Context): Promise<string> {
  const scratch = await temporaryDirectory(join(cachedir, 'tmp'));
  try {
    const file = join(scratch.path, 'package.deb');
    if (/^https?:/.test(word)) await download(word, file, context);
    else copy(word.startsWith('file:') ? fileURLToPath(word) : word, file);
    const name = await fullNameOf(file, word);
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    const place = join(cachedir, archivePath(sha256));
    makeDirectories(dirname(place));
    renameSync(file, place);
    return `${sha256}:${name}`;
  } finally {
    await scratch.remove();
  }
}

function copy(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    throw explain(error, `cannot read package '${from}'`);
  }
}

async function download(url: string, to: string, { signal }: Context): Promise<void> {
  const failed = (why: string, exit: 'unavailable' | 'noInput') =>
    new AotError(exit, `cannot download '${new URL(url).pathname.split('/').at(-1)}': ${why}`, {
      code: 'download-failed',
    });
  const response = await fetch(url, { signal }).catch((error: Error) => {
    if (signal.aborted) throw signal.reason;
    throw failed((error.cause as Error | undefined)?.message ?? error.message, 'unavailable');
  });
  if (!response.ok)
    throw failed(`the server says ${response.status}`, response.status === 404 ? 'noInput' : 'unavailable');
  writeFileSync(to, Buffer.from(await response.arrayBuffer()));
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
