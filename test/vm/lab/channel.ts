import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Catches hangs, and nothing else: an emulated machine on a busy host is slow. */
const PATIENCE = 1_200_000;

/** Text that comes and goes over a socket of qemu's. */
export class Channel {
  readonly #socket: Socket;
  #text = '';
  #ended = false;
  #wake = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data) => {
      this.#text += data.toString('utf8');
      this.#wake();
    });
    for (const event of ['close', 'error'] as const)
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
  }

  /** The socket is there a moment after qemu has started. */
  static async open(path: string): Promise<Channel> {
    for (const start = Date.now(); ; await sleep(50)) {
      const socket = connect(path);
      const error = await new Promise<Error | undefined>((resolve) => {
        socket.once('connect', () => resolve(undefined));
        socket.once('error', resolve);
      });
      if (error === undefined) return new Channel(socket);
      if (Date.now() - start > 30_000) throw error;
    }
  }

  send(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  /** Waits for a line that matches; what came before it is returned with it. */
  async expect(pattern: RegExp): Promise<{ before: string; match: RegExpExecArray }> {
    for (const deadline = Date.now() + PATIENCE; ; ) {
      const match = pattern.exec(this.#text);
      if (match !== null) {
        const before = this.#text.slice(0, match.index);
        this.#text = this.#text.slice(match.index + match[0].length);
        return { before, match };
      }
      if (this.#ended) throw new Error(`the machine has ended while ${pattern} was waited for; it said: ${this.#text}`);
      if (Date.now() > deadline) throw new Error(`${pattern} did not come; what came is: ${this.#text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}
