import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { socketPath } from '@apt-ostree/dbus';
import { AotError, explain } from '@apt-ostree/errors';
import type { Daemon } from './reach.ts';

/** Files that the daemon is sent: it never opens one that somebody else names. */
export interface Files {
  purpose: 'install' | 'override';
  words: readonly string[];
}

/** Reads them as the one we run as, and sends them. @returns the digests by which the daemon knows them */
export async function upload(daemon: Daemon, path: string, { purpose, words }: Files): Promise<string[]> {
  const digests: string[] = [];
  for (const word of words) {
    const bytes = read(word);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const given = [purpose, sha256, BigInt(bytes.length)];
    const [address] = await daemon.call(path, 'OS', 'OpenUpload', 'sst', given);
    const refusal = await send(socketPath(String(address)), bytes);
    if (refusal !== '') throw new AotError('failed', `cannot send package '${word}': ${refusal}`);
    digests.push(sha256);
  }
  return digests;
}

function read(word: string): Buffer {
  try {
    return readFileSync(word.startsWith('file:') ? fileURLToPath(word) : word);
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
