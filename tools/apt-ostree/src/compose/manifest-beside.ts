import { readFileSync, statSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { parseManifest, type RootfsManifest } from '@apt-ostree/manifest';

const MADE_BY = "make the tree with 'apt-ostree compose install'";

/** Where `compose install` leaves the manifest of a tree. */
export const manifestBeside = (rootfs: string): string => `${rootfs.replace(/\/+$/, '')}.json`;

/**
 * The manifest of a tree that `compose install` made, with the tree as it is named now.
 * @throws AotError `noInput` when there is none
 */
export function readManifestBeside(rootfs: string): RootfsManifest {
  if (!statSync(rootfs, { throwIfNoEntry: false })?.isDirectory())
    throw new AotError('noInput', `cannot use '${rootfs}': it is no directory`, { hint: MADE_BY });
  const file = manifestBeside(rootfs);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AotError('noInput', `cannot use '${rootfs}': there is no manifest '${file}' beside it`, {
      hint: MADE_BY,
      cause,
    });
  }
  return { ...parseManifest(text, ['aot.rootfs/v1'], `'${file}'`), rootfs };
}
