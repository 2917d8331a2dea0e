import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { AotError } from '@apt-ostree/errors';

const MAX_LINE = 1024;
/** Everybody who means it is done long before. */
const PATIENCE = 10_000;

/** The client's side of authentication: who we are is known to the kernel (EXTERNAL). Resolves with what came after it. */
export async function authenticate(socket: Socket): Promise<Buffer> {
  const lines = new Lines(socket);
  const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
  socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  const answer = await lines.next();
  if (!answer.startsWith('OK ')) throw new AotError('os', `cannot connect to the bus: '${answer.slice(0, 80)}'`);
  socket.write('BEGIN\r\n');
  return lines.rest();
}

/**
 * The server's side, as sd-bus, GDBus and libdbus expect it. Node cannot ask the kernel who the other is, so every identity
 * is accepted: whoever may connect must be decided by the socket's name.
 */
export async function acceptClient(socket: Socket): Promise<Buffer> {
  const lines = new Lines(socket, 0);
  const guid = randomBytes(16).toString('hex');
  let asked = false; // `AUTH EXTERNAL` without an identity is followed by one
  let accepted = false;
  for (let rounds = 0; rounds < 16; rounds++) {
    const line = await lines.next();
    if (line === 'BEGIN' && accepted) return lines.rest();
    const mechanism = /^AUTH (EXTERNAL|ANONYMOUS)(?: ([0-9A-Fa-f]*))?$/.exec(line);
    if (mechanism?.[1] === 'EXTERNAL' && mechanism[2] === undefined) {
      asked = true;
      socket.write('DATA\r\n');
    } else if (mechanism?.[1] === 'EXTERNAL' || (asked && /^DATA(?: [0-9A-Fa-f]*)?$/.test(line))) {
      accepted = true;
      socket.write(`OK ${guid}\r\n`);
    } else if (line.startsWith('AUTH')) socket.write('REJECTED EXTERNAL\r\n');
    else if (line === 'CANCEL' || line.startsWith('ERROR')) socket.write('REJECTED EXTERNAL\r\n');
    else socket.write('ERROR\r\n'); // NEGOTIATE_UNIX_FD too: none can be passed
  }
  throw refused('too many attempts');
}

/** Lines that end with CR LF, and then the bytes behind the last one. */
class Lines {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #nulByte: number;
  #wake: () => void = () => {};
  #failed: Error | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onData = (chunk: Buffer) => {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    this.#wake();
  };
  readonly #onEnd = () => this.#fail(refused('the connection was closed'));

  /** @param skip bytes before the first line, all of them zero: one from a client, none from a server */
  constructor(socket: Socket, skip?: 0) {
    this.#socket = socket;
    this.#nulByte = skip === 0 ? 1 : 0;
    this.#timer = setTimeout(() => this.#fail(refused('it took too long')), PATIENCE).unref();
    socket.on('data', this.#onData).on('close', this.#onEnd).on('error', this.#onEnd);
  }

  async next(): Promise<string> {
    for (;;) {
      if (this.#failed) throw this.#failed;
      if (this.#nulByte === 1 && this.#buffer.length > 0) {
        if (this.#buffer[0] !== 0) throw refused('the first byte is not zero');
        this.#buffer = this.#buffer.subarray(1);
        this.#nulByte = 0;
      }
      const end = this.#nulByte === 1 ? -1 : this.#buffer.indexOf('\r\n');
      if (end > MAX_LINE || (end === -1 && this.#buffer.length > MAX_LINE)) throw refused('a line is too long');
      if (end !== -1) {
        const line = this.#buffer.toString('latin1', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  rest(): Buffer {
    clearTimeout(this.#timer);
    this.#socket.off('data', this.#onData).off('close', this.#onEnd).off('error', this.#onEnd);
    return this.#buffer;
  }

  #fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#failed = error;
    this.#wake();
  }
}

const refused = (why: string): AotError => new AotError('os', `cannot authenticate a D-Bus connection: ${why}`);
