import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ArchivesManifest, archivePath, serialize } from '@apt-ostree/manifest';
import { buildDeb, type PackageSpec } from '@apt-ostree/testkit';

/** Puts packages into a cache directory, as aot-fetch does, and says so in a manifest; the order is that of unpacking. */
export async function archives(
  cachedir: string,
  specs: readonly (PackageSpec & { raw?: Buffer; automatic?: boolean; essential?: boolean })[],
): Promise<ArchivesManifest> {
  const made = await Promise.all(specs.map(async (spec) => ({ spec, deb: spec.raw ?? (await buildDeb(spec)) })));
  const items = made.map(({ spec, deb }) => {
    const sha256 = createHash('sha256').update(deb).digest('hex');
    const file = archivePath(sha256);
    mkdirSync(dirname(join(cachedir, file)), { recursive: true });
    writeFileSync(join(cachedir, file), deb);
    const { name, version = '1.0-1', architecture = 'all' } = spec;
    return { ...spec, name, version, architecture, sha256, file, size: deb.length, id: `${name}:${architecture}` };
  });
  return {
    kind: 'aot.archives/v1',
    ...{ treefile: {}, inputs: [], indices: [], foreignArchitectures: [], architecture: 'amd64' },
    apt: { version: '3.0.3' },
    packages: items.map((i) => ({
      ...{ name: i.name, version: i.version, architecture: i.architecture, size: i.size, sha256: i.sha256 },
      source: { id: 'test', suite: 'stable', component: 'main', index: '0'.repeat(64) },
      path: `pool/${i.name}_${i.version}_${i.architecture}.deb`,
      ...{ sourcePackage: i.name, sourceVersion: i.version, installedSize: 1 },
      ...{ automatic: i.automatic ?? false, essential: i.essential ?? false },
    })),
    plan: [
      { action: 'unpack', packages: items.map((i) => i.id) },
      { action: 'configure', packages: items.map((i) => i.id) },
    ],
    essential: items.filter((i) => i.essential).map((i) => i.id),
    archives: items.map((i) => ({ package: i.id, sha256: i.sha256, file: i.file })),
  };
}

export const text = (manifest: ArchivesManifest): string => serialize(manifest);
