import { setMaxListeners } from 'node:events';
import { limiter } from '@apt-ostree/run';

/**
 * Works on at most `most` items at once, and yields what comes of them in the order of the items. One that fails ends the
 * others by the signal that each gets; its error is thrown once nothing runs any more.
 */
export async function* atOnce<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<Result> {
  const failure = new AbortController();
  setMaxListeners(0, failure.signal);
  const limit = limiter(most);
  const one = async (item: Item): Promise<Result> => {
    try {
      failure.signal.throwIfAborted();
      return await work(item, failure.signal);
    } catch (error) {
      failure.abort(error);
      throw failure.signal.reason;
    }
  };
  const running = items.map((item) => limit(() => one(item)));
  for (const result of running) result.catch(() => {}); // whoever waits for it hears of it
  try {
    for (const result of running) yield await result;
  } finally {
    failure.abort(new Error('ended'));
    await Promise.allSettled(running);
  }
}
