import { AotError } from '@apt-ostree/errors';
import type { Origin } from './origin.ts';

export interface Refspec {
  /** Undefined for a branch of the sysroot's own repository. */
  remote: string | undefined;
  branch: string;
}

const REFSPEC = /^(?:([a-zA-Z0-9_][-._a-zA-Z0-9]*):)?([-._a-zA-Z0-9]+(?:\/[-._a-zA-Z0-9]+)*)$/;

/**
 * Takes `[REMOTE:]BRANCH` apart.
 * @throws AotError `usage` when it is no refspec
 */
export function parseRefspec(text: string): Refspec {
  const [, remote, branch] = REFSPEC.exec(text) ?? [];
  if (branch === undefined || branch.split('/').some((part) => part === '.' || part === '..')) {
    throw new AotError('usage', `cannot use the refspec '${text}'`, { hint: 'give [REMOTE:]BRANCH' });
  }
  return { remote, branch };
}

export const formatRefspec = ({ remote, branch }: Refspec): string =>
  remote === undefined ? branch : `${remote}:${branch}`;

/** The ref that an origin follows; undefined where it names a commit or a container image, or nothing at all. */
export function originRefspec(origin: Origin): Refspec | undefined {
  const { refspec } = origin;
  return refspec === undefined || /^[0-9a-f]{64}$/.test(refspec) ? undefined : parseRefspec(refspec);
}
