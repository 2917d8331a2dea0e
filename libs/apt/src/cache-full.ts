import { existsSync, statfsSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import type { AptRoot } from './private-root.ts';

/** A disk with less room than this is full, bytes. */
const ROOM = 262_144;

/** Whether there is no room for apt: it and its helpers then fail in their own words, of signatures and missing packages. */
export function diskIsFull({ lists }: AptRoot): boolean {
  if (!existsSync(lists)) return false;
  const { bavail, bsize } = statfsSync(lists);
  return bavail * bsize < ROOM;
}

/** Whose index it was says nothing about where there is no room. */
export function cacheFull(root: AptRoot): AotError {
  return new AotError('io', `cannot write the package indices to '${root.lists}': no space left on device`, {
    hint: 'free some space and run the command again, or give another --cachedir',
    code: 'cache-full',
  });
}
