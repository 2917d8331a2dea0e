import { type AotError, EXIT, explain, isAotError } from '@apt-ostree/errors';
import { writeAll } from './streams.ts';
import { visible } from './visible.ts';

export interface ReportOptions {
  /** The tool's name; porcelain prints `error:` as rpm-ostree does. */
  prefix: string;
  /** The tool that reports, for the JSON form. */
  stage: string;
  json: boolean;
}

/** Prints an error for people, or as one JSON object; returns the exit code. */
export function report(error: unknown, options: ReportOptions): number {
  const reason = machineTrouble(error);
  const known = isAotError(reason) ? reason : undefined;
  try {
    writeAll(2, options.json ? asJson(reason, known, options.stage) : asText(reason, known, options.prefix));
  } catch {
    // nobody listens on standard error; the exit code still says it
  }
  return known?.exit ?? EXIT.software;
}

/** A full or failing disk can show up in any system call, and is no bug. */
function machineTrouble(error: unknown): unknown {
  const { code, path } = (error ?? {}) as { code?: unknown; path?: unknown };
  if (!['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE'].includes(String(code))) return error;
  return explain(error, typeof path === 'string' ? `cannot go on with '${path}'` : 'cannot go on');
}

function asText(error: unknown, known: AotError | undefined, prefix: string): string {
  if (known) return `${prefix}: ${visible(known.message)}\n${known.hint ? `hint: ${visible(known.hint)}\n` : ''}`;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${prefix}: internal error: ${visible(stack)}\nhint: this is a bug; please report it with the command line\n`;
}

function asJson(error: unknown, known: AotError | undefined, stage: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const body = known
    ? { code: known.code, message, hint: known.hint ?? null, stage: known.stage ?? stage, exit: known.exit }
    : { code: 'internal', message, hint: null, stage, exit: EXIT.software };
  return `${JSON.stringify({ error: body })}\n`;
}
