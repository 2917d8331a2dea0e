import { AotError, explain, isAotError } from '@apt-ostree/errors';

/** Does something that writes; where the place cannot be written at all, that is `cannotCreate`. */
export function makeWritable<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw cannotWrite(error, what);
  }
}

export const OTHER_CACHE = 'give a directory that you may write with --cachedir';

const DISK = ['ENOSPC', 'EDQUOT', 'EIO'];

/** The error for a failed write: a full disk stays `io`, a refusal becomes `cannotCreate`. */
export function cannotWrite(error: unknown, what: string): unknown {
  const reason = explain(error, what);
  if (!isAotError(reason) || isAotError(error) || DISK.includes((error as NodeJS.ErrnoException).code ?? ''))
    return reason;
  return new AotError('cannotCreate', reason.message, {
    hint: OTHER_CACHE,
    cause: error,
  });
}
