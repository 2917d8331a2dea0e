import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RootfsManifest } from '@apt-ostree/manifest';

/** How many scripts will run at least: one preinst for each package left over, the postinsts there are. */
export function countScripts(rootfs: string, manifest: RootfsManifest): number {
  if (manifest.base !== undefined) return manifest.unpacked.length;
  const info = readdirSync(join(rootfs, 'var/lib/dpkg/info')).filter((name) => name.endsWith('.postinst'));
  return info.length + manifest.unpacked.filter((u) => u.leftOver).length;
}
