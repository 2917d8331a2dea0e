import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { addressOf, type Bus, invalidArguments } from '@apt-ostree/dbus';
import { failure } from './names.ts';

/** Of one file, of all files of a client, and how many those are. */
const MAX_SIZE = 2 ** 31;
const MAX_SUM = 2 ** 32;
const MAX_COUNT = 100;
/** A client that does not send is given up then. */
const PATIENCE = 60_000;

interface Upload {
  sender: string;
  size: number;
  file: string;
  whole: boolean;
  server: Server;
  socket: Socket | undefined;
}

/** Files that clients send: who may read them decided that, not we, who may read everything. They go with their sender. */
export class Uploads {
  readonly #bus: Bus;
  /** Of the sockets. */
  readonly #sockets: string;
  /** Of the files: on a disk, for root only. */
  readonly #files: string;
  readonly #uploads = new Map<string, Upload>();
  readonly #watched = new Set<string>();

  constructor(bus: Bus, sockets: string, files: string) {
    this.#bus = bus;
    this.#sockets = sockets;
    this.#files = files;
  }

  /**
   * Waits for one file of that size and digest on a socket whose name only its sender learns. What comes is bytes; the
   * answer is a line, empty where all is well.
   * @returns its address
   */
  async open(sender: string, sha256: string, size: number): Promise<string> {
    const own = [...this.#uploads.values()].filter((upload) => upload.sender === sender);
    const sum = own.reduce((all, upload) => all + upload.size, size);
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw invalidArguments("'sha256' is no digest");
    if (size === 0 || size > MAX_SIZE || sum > MAX_SUM || own.length >= MAX_COUNT)
      throw invalidArguments('the file is empty, too large, or one too many');
    const key = keyOf(sender, sha256);
    this.#drop(key);
    for (const directory of [this.#sockets, this.#files]) mkdirSync(directory, { recursive: true, mode: 0o711 });
    const file = join(this.#files, `${randomBytes(16).toString('hex')}-${sha256}.deb`);
    const upload: Upload = {
      sender,
      size,
      file,
      whole: false,
      server: createServer({ allowHalfOpen: true }),
      socket: undefined,
    };
    this.#uploads.set(key, upload);
    await this.#watch(sender);
    return this.#listen(upload, sha256);
  }

  /** Where the file of a sender is, after it came whole. */
  fileOf(sender: string, sha256: string): string {
    const upload = this.#uploads.get(keyOf(sender, sha256));
    if (upload?.whole) return upload.file;
    throw failure('Failed', `no file with the digest '${sha256.slice(0, 64)}' was sent`);
  }

  close(): void {
    for (const key of this.#uploads.keys()) this.#drop(key);
    rmSync(this.#files, { recursive: true, force: true });
  }

  async #watch(sender: string): Promise<void> {
    if (this.#watched.has(sender)) return;
    this.#watched.add(sender);
    const unwatch = await this.#bus.watchOwner(sender, () => {
      this.#watched.delete(sender);
      for (const [key, upload] of this.#uploads) if (upload.sender === sender) this.#drop(key);
      void unwatch().catch(() => {});
    });
  }

  async #listen(upload: Upload, sha256: string): Promise<string> {
    const path = join(this.#sockets, randomBytes(16).toString('hex'));
    const { server } = upload;
    server.maxConnections = 1;
    server.once('connection', (socket) => {
      server.close();
      rmSync(path, { force: true });
      upload.socket = socket;
      void this.#take(upload, socket, sha256);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path, writableAll: true, readableAll: true }, resolve);
    });
    setTimeout(() => server.close(), PATIENCE).unref();
    server.on('close', () => rmSync(path, { force: true }));
    return addressOf(path);
  }

  async #take(upload: Upload, socket: Socket, sha256: string): Promise<void> {
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    try {
      if ((await receive(socket, upload)) !== sha256) throw new Error('it has another digest');
      upload.whole = this.#uploads.get(keyOf(upload.sender, sha256)) === upload;
      socket.end('\n');
    } catch (error) {
      socket.end(`${(error as Error).message}\n`);
    }
    if (!upload.whole) rmSync(upload.file, { force: true });
  }

  #drop(key: string): void {
    const upload = this.#uploads.get(key);
    if (upload === undefined) return;
    this.#uploads.delete(key);
    upload.server.close();
    upload.socket?.destroy();
    rmSync(upload.file, { force: true });
  }
}

/** Writes what comes to the file, and not a byte more than was said. @returns its digest */
async function receive(socket: Socket, { file, size }: Upload): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  try {
    let count = 0;
    for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      count += chunk.length;
      if (count > size) throw new Error('it is longer than was said');
      hash.update(chunk);
      await handle.write(chunk);
      if (count === size) return hash.digest('hex');
    }
    throw new Error('it is shorter than was said');
  } finally {
    await handle.close();
  }
}

const keyOf = (sender: string, sha256: string): string => `${sender} ${sha256}`;
