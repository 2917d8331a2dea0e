import { closeSync, createReadStream, createWriteStream, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AotError, explain, isAotError } from '@apt-ostree/errors';
import { extract, type Header } from 'tar-stream';
import { LIMITS } from '../apply/limits.ts';
import { makeLayout } from '../layout/destination.ts';
import { openFile } from '../layout/document.ts';
import { openLayout } from '../layout/source.ts';
import { imageScratch } from '../scratch.ts';
import type { ImageSource } from '../transport.ts';
import { dockerImage } from './docker.ts';

/** More members than any image has blobs. */
const MOST_MEMBERS = 10_000;
/** `blobs/sha256/…`, `…/layer.tar`, `manifest.json`. */
const PLAIN = /^(?:\.\/)?(?:[\w.-]+\/){0,3}[\w.-]+$/;

/**
 * An image in an archive. What is in it is laid out in a temporary directory, which is removed when it is closed.
 * @param where the archive as the user named it, for messages
 * @throws AotError `noInput` when there is no such file or image, `data` when it is no archive of images
 */
export async function openArchive(
  form: 'oci-archive' | 'docker-archive',
  path: string,
  tag: string | undefined,
  where: string,
  signal: AbortSignal,
): Promise<ImageSource> {
  const fd = openFile(path);
  if (fd === undefined) throw new AotError('noInput', `cannot read '${where}': no such file`, { code: 'no-image' });
  const temporary = await imageScratch();
  try {
    const files = join(temporary.path, 'files');
    await unpack(createReadStream(path, { fd }), path, files, where, signal);
    const source =
      form === 'oci-archive'
        ? openLayout(files, tag, where)
        : await asLayout(files, join(temporary.path, 'layout'), tag, where);
    return { ...source, close: () => temporary.remove() };
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}

async function unpack(bytes: Readable, path: string, to: string, where: string, signal: AbortSignal): Promise<void> {
  mkdirSync(to);
  const members = extract();
  const through = isGzip(path) ? [createGunzip()] : [];
  const done = pipeline([bytes, ...through, members], { signal });
  done.catch(() => {}); // thrown below
  try {
    let count = 0;
    let left = statSync(path).size * LIMITS.ratio + LIMITS.slack;
    for await (const member of members) {
      if (++count > MOST_MEMBERS) throw new Error(`it has more than ${MOST_MEMBERS} members`);
      left -= member.header.size ?? 0;
      if (left < 0) throw new Error('it unpacks to an absurd size');
      await keep(member.header, member as unknown as Content, to);
    }
    await done;
  } catch (error) {
    signal.throwIfAborted();
    if (isAotError(error) || 'syscall' in (error as object)) throw explain(error, `cannot read '${where}'`);
    throw new AotError('data', `cannot read '${where}': ${(error as Error).message.toLowerCase()}`, {
      code: 'bad-archive',
    });
  }
}

/** tar-stream's own kind of stream. */
type Content = AsyncIterable<Buffer> & { resume(): void };

/** Regular files of plain names alone; docker's older archives also have links, from one layer to the same one. */
async function keep({ name, type }: Header, content: Content, to: string): Promise<void> {
  if (type === 'file' && PLAIN.test(name) && !name.split('/').includes('..')) {
    const file = join(to, name);
    mkdirSync(join(file, '..'), { recursive: true });
    await pipeline(content, createWriteStream(file, { flags: 'wx' }));
  } else content.resume();
}

function isGzip(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const magic = Buffer.alloc(2);
    return readSync(fd, magic) === 2 && magic.readUInt16BE() === 0x1f8b;
  } finally {
    closeSync(fd);
  }
}

/** Docker's form has no manifest of the image; one is made, to which its files are the blobs. */
async function asLayout(files: string, layout: string, tag: string | undefined, where: string): Promise<ImageSource> {
  const image = await dockerImage(files, tag, where);
  const to = await makeLayout(layout, undefined, where);
  try {
    for (const blob of image.blobs) await to.put(blob.descriptor, () => createReadStream(blob.path));
    await to.publish(image.manifest);
  } finally {
    await to.close();
  }
  return openLayout(layout, undefined, where);
}
