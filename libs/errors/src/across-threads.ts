import { AotError, isAotError } from './aot-error.ts';
import { EXIT, type ExitName } from './exit-codes.ts';

/** An error in a form that crosses threads and processes: a structured clone keeps only an error's message. */
export type Portable = { aot: Pick<AotError, 'exit' | 'code' | 'message' | 'hint' | 'stage'> } | { error: unknown };

/** Packs an error for another thread. */
export const pack = (error: unknown): Portable =>
  isAotError(error)
    ? { aot: { exit: error.exit, code: error.code, message: error.message, hint: error.hint, stage: error.stage } }
    : { error };

/** The error again, on the other side. */
export function unpack(portable: Portable): unknown {
  if (!('aot' in portable)) return portable.error;
  const { exit, code, message, hint, stage } = portable.aot;
  const name = (Object.keys(EXIT) as ExitName[]).find((n) => EXIT[n] === exit) ?? 'software';
  return new AotError(name, message, { code, hint, stage });
}
