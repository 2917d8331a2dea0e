/** What is wrong with an archive, for programs. */
export type ArErrorCode =
  | 'bad-magic'
  | 'bad-header'
  | 'bad-name'
  | 'bad-number'
  | 'bad-padding'
  | 'truncated'
  | 'wrong-size'
  | 'stale-member';

/** Thrown for archives that cannot be read and entries that cannot be written. */
export class ArError extends Error {
  override readonly name = 'ArError';
  readonly code: ArErrorCode;

  constructor(code: ArErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
