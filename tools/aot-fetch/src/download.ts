import { basename } from 'node:path';
import type { HttpClient } from '@apt-ostree/apt/http';
import type { Phase } from '@apt-ostree/cli';
import type { PackageItem } from '@apt-ostree/manifest';
import { copyLocal } from './copy-local.ts';
import { cannotDownload } from './download-error.ts';
import { TransferFailure } from './failure.ts';
import type { Part } from './part/part.ts';
import type { Store } from './part/store.ts';
import { persist } from './persist.ts';
import type { TransferSettings } from './settings.ts';
import { transfer } from './transfer.ts';

export interface DownloadTools extends TransferSettings {
  http: HttpClient;
  store: Store;
  signal: AbortSignal;
  phase: Phase;
}

/**
 * Brings one package into the cache: from the first of its URLs that has it whole and right.
 * @throws AotError `data` when what came was another file, `unavailable` when nothing came
 */
export async function download(item: PackageItem, urls: readonly URL[], tools: DownloadTools): Promise<void> {
  const part = tools.store.begin(item);
  tools.phase.add(part.bytes, item.name);
  try {
    await fromAny(item, urls, part, tools);
    tools.store.accept(part, item);
  } catch (error) {
    tools.store.leave(part, item);
    throw error;
  }
}

async function fromAny(item: PackageItem, urls: readonly URL[], part: Part, tools: DownloadTools): Promise<void> {
  const failures: { url: URL; failure: TransferFailure }[] = [];
  for (const url of urls) {
    part.validator = undefined; // mirrors have the same bytes under tags of their own; the hash decides
    try {
      await persist(item, part, tools, (fresh) => from(url, item, part, tools, fresh));
      return;
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      failures.push({ url, failure: error });
    }
  }
  throw cannotDownload(basename(item.path), failures);
}

function from(url: URL, item: PackageItem, part: Part, tools: DownloadTools, fresh: boolean): Promise<void> {
  return url.protocol === 'file:' ? copyLocal(url, item, part, tools) : transfer(url, item, part, tools, fresh);
}
