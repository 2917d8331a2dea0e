export type Deb822ErrorCode = 'invalid-syntax' | 'invalid-field' | 'invalid-relationship' | 'not-one-stanza';

/** Thrown for texts that are not in the format, and for fields that would break it. */
export class Deb822Error extends Error {
  override readonly name = 'Deb822Error';
  readonly code: Deb822ErrorCode;
  /** Where in the text, counted from 1; undefined where there is no text. */
  readonly line: number | undefined;

  constructor(code: Deb822ErrorCode, message: string, line?: number) {
    super(line === undefined ? message : `line ${line}: ${message}`);
    this.code = code;
    this.line = line;
  }
}
