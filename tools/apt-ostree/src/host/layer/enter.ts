import { inContainer } from '@apt-ostree/host';
import { enter } from '@apt-ostree/run/namespace';

/**
 * Putting a tree together needs mounts of our own; others than root are told that they may not, and need none.
 * A container is changed in place, and may not mount.
 */
export async function enterAsRoot(): Promise<number | undefined> {
  return process.getuid?.() === 0 && !inContainer() ? enter() : undefined;
}
