import { AotError } from '@apt-ostree/errors';
import type { CommitInfo } from '@apt-ostree/ostree';
import { utc } from '../utc.ts';

type Dated = Pick<CommitInfo, 'checksum' | 'timestamp'>;

/** Refuses a commit that is chronologically older than the one before: a replayed branch would bring old errors back. */
export function requireNewer(current: Dated, next: Dated, hint: string): void {
  if (next.timestamp >= current.timestamp) return;
  throw new AotError(
    'failed',
    `cannot go from commit '${current.checksum}' of ${date(current)} to '${next.checksum}' of ${date(next)}: it is chronologically older`,
    { code: 'downgrade', hint },
  );
}

const date = ({ timestamp }: Dated): string => utc(timestamp);
