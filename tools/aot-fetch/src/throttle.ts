import { setTimeout as sleep } from 'node:timers/promises';

/** Holds all transfers together to a number of bytes a second: Acquire::http::Dl-Limit. 0 is no limit. */
export class Throttle {
  readonly #rate: number;
  #free = 0;

  constructor(bytesPerSecond: number) {
    this.#rate = bytesPerSecond;
  }

  /** Waits until `bytes`, which have just come, would have come at the rate allowed. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#rate === 0) return;
    const now = performance.now();
    this.#free = Math.max(this.#free, now) + (bytes / this.#rate) * 1000;
    await sleep(this.#free - now, undefined, { signal });
  }
}
