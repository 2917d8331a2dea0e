import { writeSync } from 'node:fs';
import { type AotError, EXIT, isAotError } from '@apt-ostree/errors';

export interface ReportOptions {
  /** The tool's name; porcelain prints `error:` as rpm-ostree does. */
  prefix: string;
  json: boolean;
}

/** Prints an error for people, or as one JSON object; returns the exit code. */
export function report(error: unknown, options: ReportOptions): number {
  const known = isAotError(error) ? error : undefined;
  writeSync(2, options.json ? asJson(error, known, options.prefix) : asText(error, known, options.prefix));
  return known?.exit ?? EXIT.software;
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

/** Control characters from packages and archives must not reach the terminal. */
const visible = (text: string): string =>
  text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
