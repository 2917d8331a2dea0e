import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** @returns the SHA-256 of a file of any size, in hexadecimal */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
