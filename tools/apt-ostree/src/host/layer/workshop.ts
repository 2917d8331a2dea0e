import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { linkCheckout } from '@apt-ostree/ostree';
import { run, span, sweep, temporaryDirectory } from '@apt-ostree/run';

/** Where a layered tree is put together. */
export interface Workshop {
  path: string;
  /** The base by hard links into the repository; there once `base` has settled. */
  baseTree: string;
  base: Promise<void>;
  /** Where the tree is made. */
  rootfs: string;
  /** Lets go of the tree; the work goes on meanwhile. */
  discardTree(): void;
}

/**
 * Works with a directory beside the package cache. The base is checked out while it is still being decided what comes on
 * it, as that keeps another processor busy; trees are removed while something else is done.
 * @param base a commit that is to be checked out; undefined for none
 */
export async function inWorkshop<T>(
  cachedir: string,
  base: string | undefined,
  signal: AbortSignal,
  work: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const parent = join(cachedir, 'tmp');
  await sweep(parent);
  const scratch = await temporaryDirectory(parent);
  const stopped = new AbortController();
  const baseTree = join(scratch.path, 'base');
  const rootfs = join(scratch.path, 'rootfs');
  const checkout =
    base === undefined
      ? Promise.resolve()
      : checkOut(cachedir, base, baseTree, AbortSignal.any([signal, stopped.signal]));
  checkout.catch(() => {}); // whoever needs it hears of it
  let removal: Promise<unknown> = Promise.resolve();
  const discardTree = () => {
    if (existsSync(rootfs)) removal = run('rm', ['-rf', '--', rootfs], { ok: 'any' });
  };
  try {
    return await work({ path: scratch.path, baseTree, base: checkout, rootfs, discardTree });
  } finally {
    stopped.abort();
    await Promise.allSettled([checkout, removal]);
    await scratch.remove();
  }
}

const checkOut = (cachedir: string, commit: string, path: string, signal: AbortSignal): Promise<void> =>
  span('phase', 'checkout base', () =>
    linkCheckout(join(cachedir, 'repo'), commit, path, `cannot check out the base '${commit}'`, signal),
  );
