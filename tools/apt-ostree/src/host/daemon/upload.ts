import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { socketPath } from '@apt-ostree/dbus';
import { AotError, explain } from '@apt-ostree/errors';
import { temporaryDirectory } from '@apt-ostree/run';
import { isRemote, localFile } from '../layer/take-file.ts';
import type { Daemon } from './reach.ts';

/** A file that the daemon is sent: it never opens one, or a URL, that somebody else names. */
export interface Upload {
  purpose: 'install' | 'override';
  word: string;
}

/** Reads files, and what URLs name, as the one we run as, and sends them. @returns the digest of each, by its word */
export async function upload(
  daemon: Daemon,
  path: string,
  files: readonly Upload[],
  context: Context,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const { purpose, word } of files) {
    const bytes = await contentOf(word, context);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const given = [purpose, sha256, BigInt(bytes.length)];
    const [address] = await daemon.call(path, 'OS', 'OpenUpload', 'sst', given);
    const refusal = await send(socketPath(String(address)), bytes);
    if (refusal !== '') throw new AotError('failed', `cannot send package '${word}': ${refusal}`);
    digests.set(word, sha256);
  }
  return digests;
}

/** The daemon names a file by where it keeps it: by its digest its client knows which one that is. */
export const naming = (digests: ReadonlyMap<string, string>): ((text: string) => string) => {
  const words = new Map([...digests].map(([word, sha256]) => [sha256, word]));
  return (text) => text.replace(/\/[^\s']*-([0-9a-f]{64})\.deb/g, (all, sha256) => words.get(sha256) ?? all);
};

async function contentOf(word: string, context: Context): Promise<Buffer> {
  if (!isRemote(word)) return read(localFile(word), word);
  const scratch = await temporaryDirectory(tmpdir());
  try {
    const file = join(scratch.path, 'package.deb');
    await (await import('../layer/download.ts')).downloadTo(word, file, context);
    return read(file, word);
  } finally {
    await scratch.remove();
  }
}

function read(path: string, word: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw explain(error, `cannot read package '${word}'`);
  }
}

/** @returns why it was not taken, or nothing */
async function send(socket: string, bytes: Buffer): Promise<string> {
  const connection = createConnection(socket);
  connection.on('error', () => {}); // it ends without an answer
  connection.write(bytes);
  let answer = '';
  try {
    for await (const chunk of connection) answer += chunk;
  } catch {
    // as well
  }
  return answer.endsWith('\n') ? answer.trim() : 'the daemon went away';
}
