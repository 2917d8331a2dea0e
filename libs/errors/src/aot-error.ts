import { EXIT, type ExitName } from './exit-codes.ts';

export interface AotErrorOptions {
  /** The way out, as a sentence without a full stop. */
  hint?: string | undefined;
  /** Stable name for programs, in kebab-case; defaults to the exit's name. */
  code?: string | undefined;
  /** The tool that failed, where it is not the one that reports. */
  stage?: string | undefined;
  cause?: unknown;
}

/**
 * The error that users see. The message is lower case, has no full stop, names the problem first and puts its subject in
 * single quotes: `cannot verify 'bash_5.2-1_amd64.deb': SHA256 differs`. Everything else that is thrown is a bug.
 */
export class AotError extends Error {
  override readonly name = 'AotError';
  readonly exit: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly stage: string | undefined;

  constructor(exit: ExitName, message: string, options: AotErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exit = EXIT[exit];
    this.code = options.code ?? exit.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    this.hint = options.hint;
    this.stage = options.stage;
  }
}

/** True for an AotError, also for one from another bundle of this code. */
export const isAotError = (error: unknown): error is AotError => error instanceof Error && error.name === 'AotError';
