import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Bind } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import type { RootfsManifest } from '@apt-ostree/manifest';

/**
 * The two lists that dpkg is asked to configure. Each package once: dpkg refuses what is configured already.
 */
export function planned(manifest: RootfsManifest): { essential: string[]; rest: string[] } {
  const done = new Set(manifest.essential);
  const rest: string[] = [];
  for (const step of manifest.plan) {
    if (step.action !== 'configure') continue;
    for (const id of step.packages) {
      if (done.has(id)) continue;
      done.add(id);
      rest.push(id);
    }
  }
  return { essential: manifest.essential, rest };
}

/** The archives left to dpkg, in unpack order, bound read-only where dpkg finds them. */
export function leftOvers(manifest: RootfsManifest, cachedir: string): Bind[] {
  return manifest.unpacked
    .filter((u) => u.leftOver)
    .map((u) => {
      if (u.file === undefined)
        throw new AotError('data', `cannot unpack '${u.package}': the manifest names no file for it`);
      const name = u.package.replaceAll(':', '_');
      return { source: join(resolve(cachedir), u.file), target: `/run/archives/${name}.deb` };
    });
}

/** How many scripts will run at least: one preinst for each package left over, the postinsts there are. */
export function countScripts(rootfs: string, manifest: RootfsManifest): number {
  if (manifest.base !== undefined) return manifest.unpacked.length;
  const info = readdirSync(join(rootfs, 'var/lib/dpkg/info')).filter((name) => name.endsWith('.postinst'));
  return info.length + manifest.unpacked.filter((u) => u.leftOver).length;
}
