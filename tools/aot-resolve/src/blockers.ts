import { AotError, EXIT, isAotError } from '@apt-ostree/errors';

/** What stands in the way of a request, gathered so that one error names all of it. */
export class Blockers {
  readonly #found: AotError[] = [];

  add(error: AotError): void {
    this.#found.push(error);
  }

  /**
   * Solves what was not found to be in the way. Where something was, that is done only to learn what else is.
   * @throws AotError `failed` with everything that is in the way, under the code of the first
   */
  async solve<T>(work: () => Promise<T>): Promise<T> {
    if (this.#found.length === 0) return work();
    await work().catch((error: unknown) => {
      if (!isAotError(error) || error.exit !== EXIT.failed) throw error;
      this.add(error);
    });
    throw joined(this.#found);
  }
}

function joined(errors: readonly AotError[]): AotError {
  const hints = new Set(errors.flatMap(({ hint }) => hint ?? []));
  return new AotError('failed', errors.map(({ message }) => message).join('; '), {
    code: errors[0]?.code,
    hint: hints.size === 0 ? undefined : [...hints].join('; '),
  });
}
