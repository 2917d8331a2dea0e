/** Ends the daemon when nobody has needed it for a while. */
export class Idle {
  readonly #isBusy: () => boolean;
  readonly #end: () => void;
  #timer: NodeJS.Timeout | undefined;
  #seconds = 0;

  constructor(isBusy: () => boolean, end: () => void) {
    this.#isBusy = isBusy;
    this.#end = end;
  }

  set seconds(value: number) {
    this.#seconds = value;
    this.touch();
  }

  /** Something happened: the time begins again. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#seconds === 0 || this.#isBusy()) return;
    this.#timer = setTimeout(() => this.#end(), this.#seconds * 1000);
  }
}
