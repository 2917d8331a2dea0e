import { setImmediate } from 'node:timers/promises';

/**
 * Does work of this process while other programs are at theirs, and waits for both.
 * @returns what they come to; where both fail, their error
 */
export async function beside<T>(running: Promise<T>, work: () => unknown): Promise<T> {
  const [theirs, ours] = await Promise.allSettled([running, setImmediate().then(work)]);
  if (theirs.status === 'rejected') throw theirs.reason;
  if (ours.status === 'rejected') throw ours.reason;
  return theirs.value;
}
