import { setTimeout as sleep } from 'node:timers/promises';
import { pause } from '@apt-ostree/http';
import type { PackageItem } from '@apt-ostree/manifest';
import type { DownloadTools } from './download.ts';
import { TransferFailure } from './failure.ts';
import type { Part } from './part/part.ts';

/** A transfer that got this far before it broke proves that the server works: its tries are counted anew. */
const PROGRESS = 256 * 1024;

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
      await sleep(pause(broken, error.retryAfter), undefined, { signal: tools.signal });
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
