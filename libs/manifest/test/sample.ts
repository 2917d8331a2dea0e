import type { ArchivesManifest, PackagesManifest } from '../src/index.ts';

const hash = (digit: string) => digit.repeat(64);

/** A packages manifest of two packages. */
export function packages(): PackagesManifest {
  return {
    kind: 'aot.packages/v1',
    treefile: { packages: ['sample'], ref: 'test/ref' },
    inputs: [{ path: 'post.sh', sha256: hash('1'), executable: true }],
    architecture: 'amd64',
    foreignArchitectures: [],
    apt: { version: '3.0.3' },
    indices: [
      {
        id: 'test',
        suite: 'stable',
        codename: 'testkit',
        origin: 'Test Kit',
        label: 'Test Kit',
        version: '1',
        components: ['main'],
        date: 1_700_000_000,
        validUntil: null,
        sha256: hash('2'),
      },
    ],
    packages: ['base', 'sample'].map((name, index) => ({
      name,
      version: '1.0-1',
      architecture: 'all',
      source: { id: 'test', suite: 'stable', component: 'main', index: hash('2') },
      path: `pool/main/${name}.deb`,
      size: 1000,
      sha256: hash(String(3 + index)),
      sourcePackage: name,
      sourceVersion: '1.0-1',
      installedSize: 1,
      automatic: index === 0,
      essential: index === 0,
    })),
    plan: [
      { action: 'unpack', packages: ['base:all', 'sample:all'] },
      { action: 'configure', packages: ['base:all', 'sample:all'] },
    ],
    essential: ['base:all'],
  };
}

/** The same, with every archive verified. */
export function archives(): ArchivesManifest {
  const { kind: _, ...rest } = packages();
  return {
    kind: 'aot.archives/v1',
    ...rest,
    archives: rest.packages.map(({ name, sha256 }) => ({
      package: `${name}:all`,
      sha256,
      file: `archives/${name}.deb`,
    })),
  };
}
