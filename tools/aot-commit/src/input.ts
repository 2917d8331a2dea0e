import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { refuseHalfApplied } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import type { RootfsManifest } from '@apt-ostree/manifest';

/** @throws AotError `data` when the tree is not configured, half changed or no longer what the manifest says, `noInput` when it is gone */
export function checkRootfs(manifest: RootfsManifest): void {
  const { rootfs } = manifest;
  if (manifest.state !== 'configured') {
    throw new AotError('data', `cannot commit '${rootfs}': it is unpacked, not configured`, {
      hint: 'run aot-sandbox first',
      code: 'not-configured',
    });
  }
  if (!isDirectory(rootfs)) {
    throw new AotError('noInput', `cannot commit '${rootfs}': no such directory`, {
      hint: 'run the command in the directory where aot-unpack ran',
    });
  }
  refuseHalfApplied(resolve(rootfs));
  for (const path of ['etc', 'usr', 'var/lib/dpkg/info']) {
    if (!isDirectory(join(rootfs, path))) {
      throw new AotError('data', `cannot commit '${rootfs}': it has no directory '/${path}'`, {
        hint: 'run aot-unpack and aot-sandbox again',
        code: 'no-tree',
      });
    }
  }
}

const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
