import { AotError } from '@apt-ostree/errors';
import type { Located } from './locate.ts';

/** Refuses to go on when a server would have to be asked; files of this machine may be read. */
export function checkOffline(located: readonly Located[]): void {
  const missing = located.filter(({ urls }) => urls.every((url) => url.protocol !== 'file:'));
  if (missing.length === 0) return;
  const names = missing.map(({ item }) => `'${item.name}'`).join(', ');
  throw new AotError('unavailable', `cannot download while offline: the cache lacks ${names}`, {
    code: 'offline',
    hint: 'run once without --offline, or name the cache directory that has them with --cachedir',
  });
}
