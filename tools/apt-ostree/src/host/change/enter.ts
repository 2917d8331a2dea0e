import { inContainer } from '@apt-ostree/host';
import { enter, inNamespace } from '@apt-ostree/run/namespace';

/**
 * Putting a tree together needs mounts of our own; others than root are told that they may not, and need none.
 * A container is changed in place, and may not mount.
 */
export const enterAsRoot = async (): Promise<number | undefined> => (mayEnter() ? enter() : undefined);

const mayEnter = (): boolean => process.getuid?.() === 0 && !inContainer();

/** Work met what only `enterAsRoot` allows. Nothing has been changed that doing it again would not do. */
class NotEntered extends Error {}

/** Goes on only where mounts of our own may be made. For work within `enterWhereNeeded`. */
export function requireEntered(): void {
  if (mayEnter() && !inNamespace()) throw new NotEntered('mounts of our own are needed');
}

/**
 * Does work that seldom needs mounts of our own, and so is spared a second start of this program. Where it comes to
 * `requireEntered`, the program is run again with them, once the work has let go of its locks.
 * @returns what the work returns, or the exit code of the program that did it
 */
export async function enterWhereNeeded<T>(work: () => Promise<T>): Promise<T | number | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NotEntered)) throw error;
    return enterAsRoot();
  }
}
