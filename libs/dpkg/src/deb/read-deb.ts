import { createHash } from 'node:crypto';
import { isAotError } from '@apt-ostree/errors';
import { ArError, type ArMember, readAr } from 'ar-stream';
import { TarError } from '../tar/header.ts';
import type { TarHandler } from '../tar/parser.ts';
import type { Compression } from './decompress.ts';
import { badPackage } from './error.ts';
import { type Packed, readArchives } from './read-archives.ts';

export interface DebHandlers {
  /** Takes the members of control.tar. */
  control: TarHandler;
  /** Called between the two archives; gives what takes the members of data.tar. */
  data: () => TarHandler;
}

export interface DebLimits {
  /** Bytes that control.tar may have when decompressed. */
  control: number;
  /** Bytes that data.tar may have when decompressed. */
  data: number;
}

/** Largest control.tar, compressed; it is held in memory. Real ones stay below one MiB. */
const MAX_CONTROL = 16 * 2 ** 20;

/** What a package may grow to: 200 times its size, never less than 256 MiB (zeros pack well), never more than 8 GiB. */
export const limitsFor = (size: number): DebLimits => ({
  control: 64 * 2 ** 20,
  data: Math.min(8 * 2 ** 30, Math.max(256 * 2 ** 20, 200 * size)),
});

/**
 * Reads a .deb as it arrives, in one pass, and hashes it meanwhile. Its structure is that of deb(5): `debian-binary` with
 * version 2.x, `control.tar*`, `data.tar*`; members whose names begin with an underscore may stand after the first.
 * @param deb its name, for errors
 * @returns hexadecimal SHA-256 of all bytes
 * @throws AotError `data` for everything that is not so
 */
export async function readDeb(
  deb: string,
  source: AsyncIterable<Uint8Array>,
  handlers: DebHandlers,
  limits: DebLimits,
): Promise<string> {
  const hash = createHash('sha256');
  try {
    await readMembers(hashing(source, hash), handlers, limits);
  } catch (error) {
    if (error instanceof ArError || error instanceof TarError || isPlain(error))
      throw badPackage(deb, (error as Error).message, error);
    throw error;
  }
  return hash.digest('hex');
}

/** An error of the checks here, neither a failed system call nor one that is meant for users already. */
const isPlain = (error: unknown): boolean =>
  error instanceof Error && error.constructor === Error && !isAotError(error) && !('syscall' in error);

async function* hashing(source: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

async function readMembers(source: AsyncIterable<Uint8Array>, handlers: DebHandlers, limits: DebLimits): Promise<void> {
  let expected: 'debian-binary' | 'control.tar' | 'data.tar' | undefined = 'debian-binary';
  let control: Packed | undefined;
  for await (const member of readAr(source)) {
    if (expected !== 'debian-binary' && member.name.startsWith('_')) continue;
    if (expected === undefined) throw new Error(`it has the surplus member '${member.name}'`);
    if (expected === 'debian-binary') {
      await checkVersion(member);
      expected = 'control.tar';
    } else if (control === undefined) {
      control = { compression: compressionOf(member, 'control.tar'), bytes: await wholeOf(member, MAX_CONTROL) };
      expected = 'data.tar';
    } else {
      const data = { compression: compressionOf(member, 'data.tar'), bytes: member.data };
      await readArchives(control, data, handlers, limits);
      expected = undefined;
    }
  }
  if (expected !== undefined) throw new Error(`it has no member '${expected}'`);
}

async function checkVersion(member: ArMember): Promise<void> {
  if (member.name !== 'debian-binary') throw new Error(`it begins with '${member.name}', not with 'debian-binary'`);
  const text = (await wholeOf(member, 1024)).toString('latin1');
  const version = text.split('\n')[0] as string;
  if (!/^2\.\d+$/.test(version)) throw new Error(`its format is '${version}', not 2.x`);
}

async function wholeOf(member: ArMember, limit: number): Promise<Buffer> {
  if (member.size > limit) throw new Error(`its member '${member.name}' is too large`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of member.data) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function compressionOf({ name }: ArMember, expected: string): Compression {
  const [, stem, ending] = /^(.*\.tar)(|\.gz|\.xz|\.zst)$/.exec(name) ?? [];
  if (stem !== expected) throw new Error(`it has '${name}' where '${expected}' must be`);
  return ending as Compression;
}
