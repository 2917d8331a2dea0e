import { redact } from '@apt-ostree/apt/transport';
import { AotError } from '@apt-ostree/errors';
import type { TransferFailure } from './failure.ts';

/**
 * The error for a package that no mirror had. Wrong bytes outweigh silence: they are what somebody has to look at.
 * @param file name of the .deb
 */
export function cannotDownload(file: string, failures: readonly { url: URL; failure: TransferFailure }[]): AotError {
  const told = failures.find((f) => f.failure.kind === 'wrong') ?? failures.at(-1);
  if (told === undefined) return new AotError('unavailable', `cannot download '${file}': its source has no URI`);
  const { url, failure } = told;
  if (failure.kind === 'wrong') return wrong(file, url, failure);
  return new AotError('unavailable', `cannot download '${file}': ${failure.message} at '${redact(url.href)}'`, {
    code: failure.status === 404 || failure.status === 410 ? 'not-found' : 'unavailable',
    hint: hintFor(failure),
  });
}

const wrong = (file: string, url: URL, failure: TransferFailure): AotError =>
  new AotError('data', `cannot verify '${file}': ${failure.message} at '${redact(url.href)}'`, {
    code: 'wrong-hash',
    hint: 'the archive or a proxy before it has another file than its index promises; resolve again, or use another mirror',
  });

function hintFor({ status }: TransferFailure): string {
  if (status === 404 || status === 410)
    return "the archive has dropped this version: resolve again, or name an archive that keeps it in 'lockfile-repos'";
  if (status === 401 || status === 403) return 'put the login into a file below /etc/apt/auth.conf.d';
  if (status === 407) return "put the proxy's login into a file below /etc/apt/auth.conf.d, or into its URL";
  return 'look at the network and the proxy; what came is kept, and the next run goes on from there';
}
