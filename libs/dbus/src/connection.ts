import type { Socket } from 'node:net';
import { DbusError, disconnected, isDbusError } from './dbus-error.ts';
import {
  decodeMessage,
  ERROR,
  encodeMessage,
  FLAGS,
  HEADER,
  METHOD_CALL,
  METHOD_RETURN,
  type Message,
  messageLength,
  SIGNAL,
} from './message.ts';

/** What we accept; the specification allows 128 MiB. */
const MAX_MESSAGE = 32 * 1024 * 1024;
/** A peer that does not read is let go when so much waits for it. */
const MAX_WAITING = 8 * 1024 * 1024;

export interface Call {
  destination?: string;
  path: string;
  interface: string;
  member: string;
  signature?: string;
  body?: readonly unknown[];
  /** Lets whoever is called ask its user for a password. */
  interactive?: boolean;
  /** Does not start a service that does not run. */
  noAutoStart?: boolean;
  /** Milliseconds; without it, as long as it takes. */
  timeout?: number;
}

export interface SignalOut {
  path: string;
  interface: string;
  member: string;
  signature?: string;
  body?: readonly unknown[];
}

/** Answers a call with the signature and values of its reply; a DbusError that it throws is the reply. */
export type Handler = (
  call: Message,
  connection: Connection,
) => Promise<{ signature: string; body: readonly unknown[] }>;

interface Pending {
  resolve(message: Message): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout | undefined;
}

/** A connection after its authentication, to the bus or to another program. */
export class Connection {
  /** Settles when it is closed, however that came. */
  readonly closed: Promise<void>;
  onCall: Handler | undefined;
  onSignal: ((signal: Message) => void) | undefined;
  readonly #socket: Socket;
  readonly #longest: number;
  readonly #pending = new Map<number, Pending>();
  #serial = 0;
  #unread: Buffer[] = [];
  #unreadLength = 0;
  #wanted = HEADER;
  #open = true;

  /**
   * @param rest what was read already
   * @param longest bytes of a message that comes; who announces a longer one is not listened to any longer
   */
  constructor(socket: Socket, rest: Buffer, longest = MAX_MESSAGE) {
    this.#socket = socket;
    this.#longest = longest;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#end();
        resolve();
      });
    });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    if (rest.length > 0) queueMicrotask(() => this.#receive(rest));
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Calls a method and waits for its reply; an error reply is thrown. */
  async call(call: Call): Promise<unknown[]> {
    const { signature = '', body = [], interactive, noAutoStart, timeout, destination } = call;
    const flags = (interactive ? FLAGS.ALLOW_INTERACTIVE_AUTHORIZATION : 0) | (noAutoStart ? FLAGS.NO_AUTO_START : 0);
    const message: Message = {
      ...{ type: METHOD_CALL, flags, serial: this.#nextSerial(), signature, body: [...body] },
      ...{ path: call.path, interface: call.interface, member: call.member },
      ...(destination === undefined ? {} : { destination }),
    };
    const reply = await new Promise<Message>((resolve, reject) => {
      if (!this.#open) return reject(disconnected());
      const timer = timeout === undefined ? undefined : setTimeout(() => this.#expire(message.serial), timeout);
      this.#pending.set(message.serial, { resolve, reject, timer });
      this.send(message);
    });
    if (reply.type !== ERROR) return reply.body;
    const [text] = reply.body;
    throw new DbusError(reply.errorName ?? '', typeof text === 'string' ? text : (reply.errorName ?? ''));
  }

  /** Sends a signal to all that listen. */
  emit({ signature = '', body = [], ...where }: SignalOut): void {
    this.send({
      ...{ type: SIGNAL, flags: FLAGS.NO_REPLY_EXPECTED, serial: this.#nextSerial(), signature, body: [...body] },
      ...where,
    });
  }

  send(message: Message): void {
    if (!this.#open) return;
    this.#socket.write(encodeMessage(message));
    if (this.#socket.writableLength > MAX_WAITING) this.#socket.destroy();
  }

  /** Sends what waits, then closes. */
  close(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #nextSerial(): number {
    this.#serial = this.#serial === 0xffffffff ? 1 : this.#serial + 1;
    return this.#serial;
  }

  #expire(serial: number): void {
    this.#pending
      .get(serial)
      ?.reject(new DbusError('org.freedesktop.DBus.Error.NoReply', 'there was no reply in time'));
    this.#pending.delete(serial);
  }

  #end(): void {
    this.#open = false;
    this.#unread = [];
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(disconnected());
    }
    this.#pending.clear();
  }

  /** Whoever sends what is no message is not listened to any longer. */
  #receive(chunk: Buffer): void {
    this.#unread.push(chunk);
    this.#unreadLength += chunk.length;
    try {
      while (this.#open && this.#unreadLength >= this.#wanted) this.#next();
    } catch (error) {
      if (!isDbusError(error)) throw error;
      this.#socket.destroy();
    }
  }

  #next(): void {
    const all = this.#unread.length === 1 ? (this.#unread[0] as Buffer) : Buffer.concat(this.#unread);
    this.#unread = [all];
    const length = messageLength(all, this.#longest);
    this.#wanted = length;
    if (all.length < length) return;
    this.#unread = all.length === length ? [] : [all.subarray(length)];
    this.#unreadLength = all.length - length;
    this.#wanted = HEADER;
    this.#dispatch(decodeMessage(all.subarray(0, length)));
  }

  #dispatch(message: Message): void {
    if (message.type === SIGNAL) this.onSignal?.(message);
    else if (message.type === METHOD_CALL) void this.#answer(message);
    else if (message.type === METHOD_RETURN || message.type === ERROR) this.#settle(message);
  }

  #settle(message: Message): void {
    const pending = this.#pending.get(message.replySerial as number);
    if (pending === undefined) return;
    this.#pending.delete(message.replySerial as number);
    clearTimeout(pending.timer);
    pending.resolve(message);
  }

  /** Whatever goes wrong, also in writing the reply, is answered with an error. */
  async #answer(call: Message): Promise<void> {
    const to = {
      flags: FLAGS.NO_REPLY_EXPECTED,
      replySerial: call.serial,
      ...(call.sender && { destination: call.sender }),
    };
    const send = (reply: Omit<Message, 'serial'>) => this.send({ ...reply, serial: this.#nextSerial() });
    const isWanted = (call.flags & FLAGS.NO_REPLY_EXPECTED) === 0;
    try {
      if (this.onCall === undefined) throw new DbusError('org.freedesktop.DBus.Error.UnknownObject', 'nothing is here');
      const { signature, body } = await this.onCall(call, this);
      if (isWanted) send({ type: METHOD_RETURN, ...to, signature, body: [...body] });
    } catch (error) {
      const name = isDbusError(error) ? error.dbusName : 'org.freedesktop.DBus.Error.Failed';
      const text = error instanceof Error ? error.message : String(error);
      if (isWanted) send({ type: ERROR, ...to, errorName: name, signature: 's', body: [text] });
    }
  }
}
