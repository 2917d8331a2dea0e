import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { AotError, EXIT, explain, isAotError } from '@apt-ostree/errors';
import type { Kind, Manifests } from '@apt-ostree/manifest';

/** Reads standard input to its end, unless `signal` comes first, and checks that it is a manifest of a wanted kind. */
export async function readManifest<K extends Kind>(signal: AbortSignal, ...wanted: K[]): Promise<Manifests[K]> {
  if (process.stdin.isTTY) {
    throw new AotError('noInput', 'cannot read a manifest from standard input: it is a terminal', {
      hint: `pipe in the output of a stage that writes ${wanted.join(' or ')}`,
    });
  }
  const { parseManifest } = await import('@apt-ostree/manifest'); // while the stage before is at work
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer);
  } catch (error) {
    throw explain(error, 'cannot read a manifest from standard input');
  }
  return parseManifest(Buffer.concat(chunks).toString('utf8'), wanted, 'standard input');
}

/** Standard input line by line, without the newlines, until its end or `signal`. */
export async function* stdinLines(signal: AbortSignal): AsyncIterable<string> {
  let rest = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of addAbortSignal(signal, process.stdin)) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() as string;
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** Writes all of `text` to a descriptor, also to a pipe that is full for a while. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Writes to standard output at once. */
export function writeOut(text: string): void {
  try {
    writeAll(1, text);
  } catch (error) {
    throw explain(error, 'cannot write to standard output');
  }
}

/**
 * Writes a file so that it is there whole or not at all. A link is followed, and stays; a device or a pipe (`-o /dev/null`)
 * is written to as it is.
 * @throws AotError `cannotCreate` where its directory is missing, `io` for a full disk
 */
export function writeFileWhole(file: string, text: string): void {
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there === undefined || there.isFile()) replace(there ? realpathSync(file) : file, text);
    else writeInto(openSync(file, 'w'), text);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/**
 * Finds out before the work whether writeFileWhole can do its part after it.
 * @throws AotError as writeFileWhole
 */
export function checkWritable(file: string): void {
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) closeSync(openSync(file, 'r+')); // says in the system's words that it is one
    accessSync(
      there === undefined ? dirname(file) : there.isFile() ? dirname(realpathSync(file)) : file,
      constants.W_OK,
    );
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

function cannotWrite(file: string, error: unknown): unknown {
  const reason = explain(error, `cannot write '${file}'`);
  return isAotError(reason) && reason.exit === EXIT.noInput
    ? new AotError('cannotCreate', reason.message, { cause: error })
    : reason;
}

/** The temporary name is nobody's to guess, and never one that is there. */
function replace(file: string, text: string): void {
  const temporary = join(dirname(file), `.${basename(file).slice(0, 200)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeInto(openSync(temporary, 'wx', 0o644), text, fsyncSync);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeInto(fd: number, text: string, finish: (fd: number) => void = () => {}): void {
  try {
    writeAll(fd, text);
    finish(fd);
  } finally {
    closeSync(fd);
  }
}
