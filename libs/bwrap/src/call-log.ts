import { closeSync, openSync, readSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';

/** What a stub or recorder in the sandbox said. */
export type Message =
  | { type: 'begin'; package: string; script: string; args: string[] }
  | { type: 'end'; exit: number }
  | { type: 'call'; program: string; args: string[] };

/**
 * The log that stubs and recorders append to, in the order of their doing. A record is its number of fields, then the
 * fields, each ended by NUL: arguments can hold anything else.
 */
export class CallLog {
  readonly #fd: number;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(file: string) {
    this.#fd = openSync(file, 'r');
  }

  /** The whole records that came since the last call. */
  read(): Message[] {
    const fields = this.#newFields();
    const messages: Message[] = [];
    while (fields.length > 0) {
      const count = Number(fields[0]);
      if (!Number.isInteger(count) || count < 1) throw forged();
      if (fields.length <= count) break;
      messages.push(parse(fields.slice(1, count + 1)));
      fields.splice(0, count + 1);
    }
    this.#rest = Buffer.concat([...fields.map((f) => Buffer.from(`${f}\0`)), this.#rest]);
    return messages;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #newFields(): string[] {
    const bytes = Buffer.concat([this.#rest, ...this.#chunks()]);
    const end = bytes.lastIndexOf(0) + 1;
    this.#rest = bytes.subarray(end);
    return bytes.subarray(0, end).toString('utf8').split('\0').slice(0, -1);
  }

  *#chunks(): Generator<Buffer> {
    for (;;) {
      const chunk = Buffer.alloc(65536);
      const got = readSync(this.#fd, chunk, 0, chunk.length, this.#offset);
      if (got === 0) return;
      this.#offset += got;
      yield chunk.subarray(0, got);
    }
  }
}

function parse([type, ...fields]: string[]): Message {
  const [first = '', second = '', ...args] = fields;
  if (type === 'B') return { type: 'begin', package: first, script: second, args };
  if (type === 'E') return { type: 'end', exit: Number(first) };
  if (type === 'C') return { type: 'call', program: first, args: fields.slice(1) };
  throw forged();
}

const forged = (): AotError =>
  new AotError('failed', 'cannot read the log of the sandbox: a script wrote into it', { code: 'forged-log' });
