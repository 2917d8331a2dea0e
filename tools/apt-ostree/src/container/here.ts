import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { inContainer } from '@apt-ostree/host';

/** Whether a command is about the container that it runs in, and not about a host's sysroot. */
export const isHere = ({ sysroot }: { sysroot: string }): boolean => sysroot === '/' && inContainer();

/** @throws AotError `failed` for a command that only makes sense there */
export function requireContainer({ path }: Context): void {
  if (inContainer()) return;
  throw new AotError('failed', `cannot run '${path.join(' ')}' here: it is for builds of containers`, {
    code: 'no-container',
    hint: 'run it in a Containerfile that starts from an image of a composed tree',
  });
}
