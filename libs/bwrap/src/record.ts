import type { Message } from './call-log.ts';
import { type Changes, mergeChanges, noChanges } from './changes.ts';

/** A row of the script record; its shape is aot.rootfs/v1's. */
export interface Row extends Changes {
  package: string;
  script: string;
  args: string[];
  exit: number;
  durationMs: number;
  calls: { program: string; args: string[] }[];
  /** The last lines that a script printed. */
  output?: string;
}

/** What is printed meanwhile. */
export interface Printed {
  /** How much it is by now, bytes. */
  size(): number;
  /** Its last lines since it was so much. */
  tail(from: number): string[];
}

export interface OpenRow extends Row {
  /** performance.now() at its begin. */
  began: number;
  /** Where its output begins, in bytes. */
  outputFrom: number;
}

/**
 * Puts messages and changes into rows. Changes belong to whoever ran since the last look: the innermost script, or, between
 * scripts, the program that runs them (`own`: dpkg as a rule), which has one row for the whole call.
 */
export class Recording {
  readonly rows: Row[] = [];
  readonly own: OpenRow;
  readonly #open: OpenRow[] = [];

  constructor(own: { package: string; script: string; args: string[] }) {
    this.own = openRow(own, 0);
  }

  /** The script that runs now. */
  get current(): OpenRow | undefined {
    return this.#open.at(-1);
  }

  changed(changes: Changes): void {
    const row = this.current ?? this.own;
    Object.assign(row, mergeChanges(row, changes));
  }

  /** @returns the row that this message ended */
  message(message: Message, printed: Printed): OpenRow | undefined {
    if (message.type === 'call') {
      (this.current ?? this.own).calls.push({ program: message.program, args: message.args });
    } else if (message.type === 'begin') {
      this.#open.push(openRow({ ...message, script: scriptName(message.script, message.args) }, printed.size()));
    } else return this.#end(message.exit, printed);
    return undefined;
  }

  /** Ends the call; its own row comes last. */
  close(exit: number): void {
    const own = finish(this.own, exit);
    own.durationMs = round(own.durationMs - this.rows.reduce((sum, r) => sum + r.durationMs, 0));
    this.rows.push(own);
  }

  #end(exit: number, printed: Printed): OpenRow | undefined {
    const row = this.#open.pop();
    if (row === undefined) return undefined;
    const said = printed.tail(row.outputFrom).join('\n');
    this.rows.push(finish(said === '' ? row : { ...row, output: said }, exit));
    return { ...row, exit };
  }
}

const openRow = (of: { package: string; script: string; args: string[] }, outputFrom: number): OpenRow => ({
  ...{ package: of.package, script: of.script, args: of.args },
  ...{ exit: 0, durationMs: 0, calls: [], ...noChanges() },
  ...{ began: performance.now(), outputFrom },
});

function finish({ began, outputFrom: _outputFrom, ...row }: OpenRow, exit: number): Row {
  return { ...row, exit, durationMs: round(performance.now() - began) };
}

const round = (ms: number): number => Math.max(0, Math.round(ms * 10) / 10);

/** dpkg activates triggers through the postinst: `postinst triggered NAMES` (deb-postinst(5)). */
const scriptName = (script: string, args: readonly string[]): string =>
  script === 'postinst' && args[0] === 'triggered' ? 'trigger' : script;
