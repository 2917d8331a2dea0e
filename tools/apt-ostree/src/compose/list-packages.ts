import type { PackagesManifest } from '@apt-ostree/manifest';

/** The packages of a tree for people, one a line: name, version, architecture. */
export function listPackages(manifest: PackagesManifest): string {
  const lines = manifest.packages.map((p) => `  ${p.name} ${p.version} ${p.architecture}\n`);
  return `Installing ${lines.length} packages:\n${lines.join('')}`;
}
