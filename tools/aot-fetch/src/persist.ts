import { setTimeout as sleep } from 'node:timers/promises';
import type { PackageItem } from '@apt-ostree/manifest';
import type { DownloadTools } from './download.ts';
import { TransferFailure } from './failure.ts';
import type { Part } from './part/part.ts';

/** A transfer that got this far before it broke proves that the server works: its tries are counted anew. */
const PROGRESS = 256 * 1024;
const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;

/**
 * Tries until the part is the package. A broken transfer goes on where it stopped, after a pause that doubles; bytes that
 * are not the package are thrown away and asked for once more, past all caches.
 * @param attempt adds to the part; its argument says whether caches must be avoided
 */
export async function persist(
  item: PackageItem,
  part: Part,
  tools: DownloadTools,
  attempt: (fresh: boolean) => Promise<void>,
): Promise<void> {
  let fresh = false;
  let broken = 0;
  for (;;) {
    const before = part.bytes;
    try {
      await attempt(fresh);
      verify(item, part);
      return;
    } catch (error) {
      tools.signal.throwIfAborted();
      if (!(error instanceof TransferFailure) || error.kind === 'lacking') throw error;
      if (error.kind === 'wrong') discard(part, tools);
      if (error.kind === 'wrong' && fresh) throw error;
      if (error.kind === 'wrong') {
        fresh = true;
        continue;
      }
      if (part.bytes - before >= PROGRESS) broken = 0;
      if (broken++ >= tools.retries) throw error;
      await sleep(pause(broken, error), undefined, { signal: tools.signal });
    }
  }
}

function verify(item: PackageItem, part: Part): void {
  if (part.bytes !== item.size)
    throw new TransferFailure('wrong', `size differs: ${part.bytes} bytes, not ${item.size}`);
  if (part.digest() !== item.sha256) throw new TransferFailure('wrong', 'SHA256 differs');
}

function discard(part: Part, { phase }: DownloadTools): void {
  phase.add(-part.bytes);
  part.reset();
}

/** Spread by chance, so that many who were thrown out together do not come back together. */
function pause(broken: number, failure: TransferFailure): number {
  const own = FIRST_DELAY * 2 ** (broken - 1) * (0.75 + Math.random() / 2);
  return Math.min(Math.max(own, failure.retryAfter ?? 0), LONGEST_DELAY);
}
