/**
 * Why a transfer failed, as far as it matters to what happens next: `broken` may go better the next time, `lacking` never
 * will at this place, `wrong` brought bytes that are not the package.
 */
export type FailureKind = 'broken' | 'lacking' | 'wrong';

/** A transfer that failed. It never leaves `download`, which tries elsewhere or turns it into the user's error. */
export class TransferFailure extends Error {
  readonly kind: FailureKind;
  /** HTTP status, where a server answered. */
  readonly status: number | undefined;
  /** Milliseconds to wait, where the server said so. */
  readonly retryAfter: number | undefined;

  constructor(kind: FailureKind, text: string, answer: { status?: number; retryAfter?: number | undefined } = {}) {
    super(text);
    this.kind = kind;
    this.status = answer.status;
    this.retryAfter = answer.retryAfter;
  }
}
