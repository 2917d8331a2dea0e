import { setTimeout as sleep } from 'node:timers/promises';
import { HttpError } from './network-error.ts';

const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;

export interface RetryOptions {
  /** How often work that failed for a passing reason is begun again. */
  retries: number;
  signal: AbortSignal;
}

/** Does what may fail for a while: again after a pause that doubles, or that the server asks for. */
export async function retrying<T>({ retries, signal }: RetryOptions, work: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HttpError && error.passing) || failures > retries) throw error;
      await sleep(pause(failures, error.retryAfter), undefined, { signal });
    }
  }
}

/**
 * Milliseconds to wait after so many failures in a row. Spread by chance, so that many who were thrown out together do not
 * come back together.
 * @param asked what the server wants
 */
export function pause(failures: number, asked = 0): number {
  const own = FIRST_DELAY * 2 ** (failures - 1) * (0.75 + Math.random() / 2);
  return Math.min(Math.max(own, asked), LONGEST_DELAY);
}
