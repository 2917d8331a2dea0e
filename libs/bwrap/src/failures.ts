import { fstatSync, readlinkSync, readSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { unanswered, withoutTalk } from './debconf-talk.ts';
import type { OpenRow } from './record.ts';

/** How many lines of output an error shows. */
const LINES = 15;
/** And from how much of it they are taken: debconf's talk is long. */
const BYTES = 65_536;
/** A disk with less room than this is full, bytes. */
const ROOM = 65_536;

/** What the programs of a run print, in one file. */
export class Output {
  readonly #fd: number;
  readonly #from: number;

  constructor(fd: number, from: number) {
    this.#fd = fd;
    this.#from = from;
  }

  size(): number {
    return fstatSync(this.#fd).size;
  }

  /** Whether the disk is full: then a program may have failed without being able to say so here. */
  diskIsFull(): boolean {
    const { bavail, bsize } = statfsSync(`/proc/self/fd/${this.#fd}`);
    return bavail * bsize < ROOM;
  }

  /** The directory that holds the tree and our temporary one, on one disk. */
  place(): string {
    return join(readlinkSync(`/proc/self/fd/${this.#fd}`), '../..');
  }

  /** The last lines since `from`. */
  tail(from?: number): string[] {
    const lines = withoutTalk(this.#end(from)).trimEnd().split('\n');
    return lines.slice(-LINES).filter((line) => line !== '');
  }

  /** Debconf's questions since `from` that nothing answers. */
  unanswered(from?: number): string[] {
    return unanswered(this.#end(from));
  }

  #end(from = this.#from): string {
    const size = this.size();
    const start = Math.max(from, size - BYTES);
    const buffer = Buffer.alloc(size - start);
    readSync(this.#fd, buffer, 0, buffer.length, start);
    const text = buffer.toString('utf8');
    return start > from ? text.slice(text.indexOf('\n') + 1) : text;
  }
}

/** A script that ended with something else than 0. */
export const scriptFailed = (row: OpenRow, output: Output): AotError =>
  failure(`${doing(row)}: its ${row.script} ended with ${row.exit}`, 'script-failed', output, row.outputFrom);

/** A script, or the program that runs them, that does not come to an end. */
export function timedOut(row: OpenRow | undefined, own: OpenRow, seconds: number, output: Output): AotError {
  const what = row ? `${doing(row)}: its ${row.script}` : `cannot run ${own.script} of the ${own.package}: it`;
  return failure(`${what} did not end within ${seconds} s`, 'script-timeout', output, row?.outputFrom, {
    hint: 'it may wait for an answer; give one with the treefile\'s "debconf", or more time with --script-timeout',
  });
}

/** The program that runs the scripts failed, or went away while one of them was running. */
export function endedBadly(
  own: { package: string; script: string },
  row: OpenRow | undefined,
  code: number | null,
  signal: string | null,
  output: Output,
): AotError {
  const how = code === null ? `was killed by ${signal}` : `ended with ${code}`;
  const what = row
    ? `${doing(row)}: its ${row.script} did not return: ${own.package} ${how}`
    : own.package === 'dpkg'
      ? `cannot ${own.script} the packages: dpkg ${how}`
      : `cannot run ${own.script} of the ${own.package}: it ${how}`;
  return failure(what, 'script-failed', output, row?.outputFrom);
}

const doing = (row: OpenRow): string =>
  row.script === 'preinst' ? `cannot unpack '${row.package}'` : `cannot configure '${row.package}'`;

function failure(
  message: string,
  code: string,
  output: Output,
  from: number | undefined,
  options: { hint?: string } = {},
): AotError {
  const tail = output.tail(from);
  const said = tail.join('\n');
  const full = FULL.test(said) || output.diskIsFull();
  const questions = output.unanswered(from).map((question) => `'${question}'`);
  const asked = questions.length > 0 ? `${message}: nothing answers ${questions.join(', ')}` : message;
  const first = full ? `${message}: no space left on device for '${output.place()}'` : asked;
  const hint = full ? 'free some space and run the command again' : (options.hint ?? hintFrom(said, questions));
  return new AotError(full ? 'io' : 'failed', [first, ...tail.map((line) => `| ${line}`)].join('\n'), { code, hint });
}

const NETWORK = /temporary failure in name resolution|network is unreachable|could not resolve|no route to host/i;
const FULL = /no space left on device/i;
const PROMPT = /[?:]\s*$|\[y\/n\]|debconf: /i;

/** What the output says about the cause. */
function hintFrom(text: string, questions: readonly string[]): string | undefined {
  if (questions.length > 0) return 'answer what it asks of debconf with the treefile\'s "debconf"';
  if (NETWORK.test(text)) return 'scripts have no network; ship what it downloads as a package or with add-files';
  if (PROMPT.test(text)) return 'it seems to ask something; answer it with the treefile\'s "debconf"';
  return undefined;
}
