import { createHash } from 'node:crypto';
import { isAotError } from '@apt-ostree/errors';
import { ArError, type ArMember, readAr } from 'ar-stream';
import { TarError } from '../tar/header.ts';
import { type TarHandler, TarParser } from '../tar/parser.ts';
import { type Compression, decompress } from './decompress.ts';
import { badPackage } from './error.ts';

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
  for await (const member of readAr(source)) {
    if (expected !== 'debian-binary' && member.name.startsWith('_')) continue;
    if (expected === undefined) throw new Error(`it has the surplus member '${member.name}'`);
    if (expected === 'debian-binary') {
      await checkVersion(member);
      expected = 'control.tar';
    } else if (expected === 'control.tar') {
      await readTar(member, expected, handlers.control, limits.control);
      expected = 'data.tar';
    } else {
      await readTar(member, expected, handlers.data(), limits.data);
      expected = undefined;
    }
  }
  if (expected !== undefined) throw new Error(`it has no member '${expected}'`);
}

async function checkVersion(member: ArMember): Promise<void> {
  if (member.name !== 'debian-binary') throw new Error(`it begins with '${member.name}', not with 'debian-binary'`);
  const chunks: Uint8Array[] = [];
  if (member.size > 1024) throw new Error("its member 'debian-binary' is too large");
  for await (const chunk of member.data) chunks.push(chunk);
  const version = Buffer.concat(chunks).toString('latin1').split('\n')[0] as string;
  if (!/^2\.\d+$/.test(version)) throw new Error(`its format is '${version}', not 2.x`);
}

async function readTar(member: ArMember, name: string, handler: TarHandler, limit: number): Promise<void> {
  const [, stem, compression] = /^(.*\.tar)(|\.gz|\.xz|\.zst)$/.exec(member.name) ?? [];
  if (stem !== name) throw new Error(`it has '${member.name}' where '${name}' must be`);
  const parser = new TarParser(handler);
  let total = 0;
  await decompress(compression as Compression, member.data, (chunk) => {
    total += chunk.length;
    if (total > limit) throw new Error(`its '${name}' is larger than ${limit} bytes when decompressed`);
    parser.push(chunk);
  });
  parser.end();
}
