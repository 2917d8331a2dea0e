import { AotError, isAotError } from './aot-error.ts';
import { EXIT, type ExitName } from './exit-codes.ts';

/** An error in a form that crosses threads: a structured clone keeps only an error's message. */
export type Portable =
  | { aot: { exit: number; code: string; message: string; hint: string | undefined } }
  | { error: unknown };

/** Packs an error for another thread. */
export const pack = (error: unknown): Portable =>
  isAotError(error)
    ? { aot: { exit: error.exit, code: error.code, message: error.message, hint: error.hint } }
    : { error };

/** The error again, on the other side. */
export function unpack(portable: Portable): unknown {
  if (!('aot' in portable)) return portable.error;
  const { exit, code, message, hint } = portable.aot;
  const name = (Object.keys(EXIT) as ExitName[]).find((n) => EXIT[n] === exit) ?? 'software';
  return new AotError(name, message, { code, hint });
}
