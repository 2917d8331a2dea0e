import { AotError } from '@apt-ostree/errors';

/** The error for a .deb that is not as it must be. */
export const badPackage = (deb: string, why: string, cause?: unknown): AotError =>
  new AotError('data', `cannot unpack '${deb}': ${why}`, {
    code: 'bad-package',
    hint: 'if the archive is trusted, tell its maintainers; a damaged download is fetched again after its file is removed from the cache',
    cause,
  });
