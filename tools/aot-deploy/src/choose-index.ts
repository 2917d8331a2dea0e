import { AotError } from '@apt-ostree/errors';
import type { Deployment, Sysroot } from '@apt-ostree/host';

/**
 * The deployment at a place in the boot order.
 * @throws AotError `usage` for what is no number, `noInput` when there is none
 */
export function chooseIndex(sysroot: Sysroot, text: string): Deployment {
  checkIndex(text);
  const found = sysroot.deployments[Number(text)];
  if (found !== undefined) return found;
  const count = sysroot.deployments.length;
  throw new AotError('noInput', `cannot find deployment ${text} in '${sysroot.path}'`, {
    hint: count === 0 ? 'it has none' : `it has ${count}, counted from 0`,
  });
}

export function checkIndex(text: string): void {
  if (/^\d+$/.test(text)) return;
  throw new AotError('usage', `cannot use '${text}' as the index of a deployment: it is no number`);
}
