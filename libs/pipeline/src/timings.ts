import type { ProgressEvent } from '@apt-ostree/cli';

/** Adds up from progress events where the time went. */
export class Timings {
  readonly #began = new Map<string, number>();
  readonly #seconds = new Map<string, number>();
  readonly #start = performance.now();

  observe(event: ProgressEvent): void {
    const key = `${event.stage} ${event.phase}`;
    if (event.type === 'begin') this.#began.set(key, performance.now());
    const began = this.#began.get(key);
    if (event.type !== 'end' || began === undefined) return;
    this.#began.delete(key);
    this.#seconds.set(event.phase, (this.#seconds.get(event.phase) ?? 0) + (performance.now() - began) / 1000);
  }

  /** One line: `index 0.8 s, solve 1.2 s, ...; 12.3 s in all`. Phases may overlap, so they need not add up. */
  summary(): string {
    const phases = [...this.#seconds].map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)} s`);
    const all = `${((performance.now() - this.#start) / 1000).toFixed(1)} s in all`;
    return [phases.join(', '), all].filter(Boolean).join('; ');
  }
}
