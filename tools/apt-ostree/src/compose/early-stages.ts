/**
 * Stages that wait for the text that they read: they may be started before it is there, so that their start costs nothing.
 * Who makes one calls `drop` in any case.
 */
export class EarlyStages {
  readonly #run: (input: Promise<string>) => Promise<string>;
  readonly #input: Promise<string>;
  #give!: (text: string) => void;
  #refuse!: (reason: Error) => void;
  #running: Promise<string> | undefined;

  /** @param run runs the stages, to the output of the last */
  constructor(run: (input: Promise<string>) => Promise<string>) {
    this.#run = run;
    this.#input = new Promise((give, refuse) => {
      this.#give = give;
      this.#refuse = refuse;
    });
    this.#input.catch(() => {}); // nobody may be listening
  }

  start(): void {
    this.#running ??= this.#run(this.#input);
    this.#running.catch(() => {}); // `finish` hears of it
  }

  /** Gives them what they wait for. @returns the output of the last */
  finish(text: string): Promise<string> {
    this.#give(text);
    this.start();
    return this.#running as Promise<string>;
  }

  /** Ends them where they still wait. */
  async drop(): Promise<void> {
    this.#refuse(new Error('not needed'));
    await this.#running?.catch(() => {});
  }
}
