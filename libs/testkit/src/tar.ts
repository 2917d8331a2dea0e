import { type Header, pack } from 'tar-stream';

/** A tar entry as it is to stand in the archive, sane or not. */
export interface TarEntry extends Partial<Omit<Header, 'mtime' | 'size' | 'name'>> {
  name: string;
  /** Seconds since the epoch. */
  mtime?: number;
  /** The bytes of a file, or how many zero bytes. */
  content?: string | Uint8Array | { zeros: number };
}

type HeaderArgument = Parameters<ReturnType<typeof pack>['entry']>[0];

const ZEROS = Buffer.alloc(1 << 20);

/** Writes a tar archive; names are taken as they are. */
export async function* tar(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const written = fill(archive, entries);
  written.catch((error: Error) => archive.destroy(error));
  for await (const chunk of archive as AsyncIterable<Uint8Array>) yield chunk;
  await written;
}

async function fill(archive: ReturnType<typeof pack>, entries: readonly TarEntry[]): Promise<void> {
  for (const { content, mtime = 0, ...rest } of entries) {
    const header = { uid: 0, gid: 0, ...rest, mtime: new Date(mtime * 1000) };
    if (typeof content === 'object' && 'zeros' in content) await zeros(archive, header, content.zeros);
    else archive.entry({ ...header, size: content === undefined ? 0 : Buffer.byteLength(content) }, toBuffer(content));
  }
  archive.finalize();
}

const toBuffer = (content: string | Uint8Array | undefined): Buffer =>
  typeof content === 'string' ? Buffer.from(content) : Buffer.from(content ?? []);

async function zeros(archive: ReturnType<typeof pack>, header: HeaderArgument, size: number): Promise<void> {
  let sink: ReturnType<typeof archive.entry> | undefined;
  const done = new Promise<void>((resolve, reject) => {
    sink = archive.entry({ ...header, size }, (error) => (error ? reject(error) : resolve()));
  });
  for (let left = size; left > 0; left -= ZEROS.length) {
    const more = sink?.write(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
    if (!more) await new Promise((resolve) => sink?.once('drain', () => resolve(undefined)));
  }
  sink?.end(undefined);
  await done;
}
