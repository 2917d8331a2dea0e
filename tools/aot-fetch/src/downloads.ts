import { setMaxListeners } from 'node:events';
import { HttpClient } from '@apt-ostree/apt/http';
import { readConfiguration, readCredentials } from '@apt-ostree/apt/transport';
import type { Context, Phase } from '@apt-ostree/cli';
import type { PackageItem } from '@apt-ostree/manifest';
import { limiter } from '@apt-ostree/run';
import { download } from './download.ts';
import { locate } from './locate.ts';
import { checkOffline } from './offline.ts';
import { Store } from './part/store.ts';
import { transferSettings } from './settings.ts';

export interface DownloadOptions {
  cachedir: string;
  jobs: number;
  offline: boolean;
  treefile: Record<string, unknown>;
  sourceRoot: string;
  /** Root of the system whose archives and apt settings count; this machine's, where the treefile says, without it. */
  system: string | undefined;
}

export interface Downloads {
  /** Settles when the package is in the cache, verified; once one download failed, all fail with its error. */
  arrival(sha256: string): Promise<void>;
  /** Ends what still runs and removes what is temporary. */
  close(): Promise<void>;
}

/** Starts to download, as many at once as there are jobs, in the order of `items`. */
export async function startDownloads(
  items: readonly PackageItem[],
  options: DownloadOptions,
  context: Context,
  phase: Phase,
): Promise<Downloads> {
  const located = await locate(items, options);
  if (options.offline) checkOffline(located);
  const configuration = await readConfiguration(context.signal, options.system);
  const http = new HttpClient(configuration, readCredentials(configuration), options.jobs, context.warn);
  const store = await Store.open(options.cachedir);
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  setMaxListeners(0, signal); // every request of every job listens
  const tools = { http, store, signal, phase, ...transferSettings(configuration) };
  const limit = limiter(options.jobs);

  const one = async (item: PackageItem, urls: readonly URL[]) => {
    try {
      signal.throwIfAborted();
      await download(item, urls, tools);
    } catch (error) {
      failure.abort(error);
      throw signal.reason;
    }
  };
  const arrivals = new Map(located.map(({ item, urls }) => [item.sha256, limit(() => one(item, urls))]));
  for (const arrival of arrivals.values()) arrival.catch(() => {}); // whoever waits for it hears of it
  return {
    arrival: (sha256) => arrivals.get(sha256) as Promise<void>,
    async close() {
      failure.abort(new Error('closed'));
      await Promise.allSettled(arrivals.values());
      await http.close();
      await store.close();
    },
  };
}
