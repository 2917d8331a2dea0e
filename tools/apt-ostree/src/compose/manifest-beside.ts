import { readFileSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { parseManifest, type RootfsManifest } from '@apt-ostree/manifest';

/** Where `compose install` leaves the manifest of a tree. */
export const manifestBeside = (rootfs: string): string => `${rootfs.replace(/\/+$/, '')}.json`;

/**
 * The manifest of a tree that `compose install` made, with the tree as it is named now.
 * @throws AotError `noInput` when there is none
 */
export function readManifestBeside(rootfs: string): RootfsManifest {
  const file = manifestBeside(rootfs);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AotError('noInput', `cannot use '${rootfs}': there is no manifest '${file}' beside it`, {
      hint: "make the tree with 'apt-ostree compose install'",
      cause,
    });
  }
  return { ...parseManifest(text, ['aot.rootfs/v1'], `'${file}'`), rootfs };
}
