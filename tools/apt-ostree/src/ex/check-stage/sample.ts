import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type ArchivesManifest,
  archivePath,
  type PackagesManifest,
  type RootfsManifest,
  sha256,
} from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';

/** What the vectors are made of: one package of one file, in a cache directory, and a tree with nothing to configure. */
export interface Sample {
  directory: string;
  cachedir: string;
  treefile: string;
  packages: PackagesManifest;
  archives: ArchivesManifest;
  rootfs: RootfsManifest;
}

const CONTROL = `Package: aot-sample
Version: 1.0-1
Architecture: all
Essential: yes
Maintainer: nobody <nobody@example.org>
Description: sample of a package
`;

/** Makes the sample below `directory`, with dpkg-deb and without any network. */
export async function makeSample(directory: string): Promise<Sample> {
  const deb = await makeDeb(directory);
  const cachedir = join(directory, 'cache');
  const packages = packagesOf(readFileSync(deb));
  const [item] = packages.packages;
  const file = archivePath(item?.sha256 ?? '');
  mkdirSync(dirname(join(cachedir, file)), { recursive: true });
  copyFileSync(deb, join(cachedir, file));
  const archives: ArchivesManifest = {
    ...packages,
    kind: 'aot.archives/v1',
    archives: [{ package: 'aot-sample:all', sha256: item?.sha256 ?? '', file }],
  };
  return {
    directory,
    cachedir,
    packages,
    archives,
    rootfs: makeTree(directory, packages),
    treefile: makeArchive(directory, deb),
  };
}

async function makeDeb(directory: string): Promise<string> {
  const content = join(directory, 'content');
  write(join(content, 'DEBIAN/control'), CONTROL);
  write(join(content, 'usr/share/aot-sample/file'), 'content\n');
  const deb = join(directory, 'archive/aot-sample_1.0-1_all.deb');
  mkdirSync(dirname(deb), { recursive: true });
  await run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', content, deb]);
  return deb;
}

function packagesOf(deb: Buffer): PackagesManifest {
  return {
    kind: 'aot.packages/v1',
    treefile: { ref: 'aot/sample', container: true },
    inputs: [],
    architecture: 'amd64',
    foreignArchitectures: [],
    apt: { version: '3.0.3' },
    indices: [],
    packages: [
      {
        name: 'aot-sample',
        version: '1.0-1',
        architecture: 'all',
        source: { id: 'sample', suite: './', component: '', index: '0'.repeat(64) },
        path: './aot-sample_1.0-1_all.deb',
        size: deb.length,
        sha256: sha256(deb),
        sourcePackage: 'aot-sample',
        sourceVersion: '1.0-1',
        installedSize: 1,
        automatic: false,
        essential: true,
      },
    ],
    plan: [
      { action: 'unpack', packages: ['aot-sample:all'] },
      { action: 'configure', packages: ['aot-sample:all'] },
    ],
    essential: ['aot-sample:all'],
  };
}

/** A tree that is configured already, so that no program has to be in it. */
function makeTree(directory: string, packages: PackagesManifest): RootfsManifest {
  const rootfs = join(directory, 'tree');
  for (const name of ['usr/bin', 'usr/lib', 'usr/sbin', 'etc', 'var/lib/dpkg/info', 'var/cache', 'run', 'tmp'])
    mkdirSync(join(rootfs, name), { recursive: true });
  write(join(rootfs, 'usr/lib/os-release'), 'ID=debian\nVERSION_ID=13\n');
  write(join(rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  write(join(rootfs, 'etc/group'), 'root:x:0:\n');
  write(join(rootfs, 'var/lib/dpkg/status'), `${CONTROL}Status: install ok installed\n`);
  write(join(rootfs, 'var/lib/dpkg/info/aot-sample.list'), '/.\n');
  return {
    ...packages,
    kind: 'aot.rootfs/v1',
    rootfs,
    cachedir: join(directory, 'cache'),
    state: 'configured',
    unpacked: [{ package: 'aot-sample:all', commit: '0'.repeat(64), leftOver: false }],
    scripts: [],
  };
}

/** A flat archive of the package (sources.list(5)), which the treefile trusts without a signature. */
function makeArchive(directory: string, deb: string): string {
  const data = readFileSync(deb);
  const fields = `Filename: ./aot-sample_1.0-1_all.deb\nSize: ${data.length}\nSHA256: ${sha256(data)}\n`;
  const index = CONTROL + fields;
  write(join(dirname(deb), 'Packages'), index);
  const sum = `${sha256(index)} ${index.length} Packages`;
  write(join(dirname(deb), 'Release'), `Suite: sample\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n ${sum}\n`);
  const source = `Types: deb\nURIs: file:${dirname(deb)}\nSuites: ./\nTrusted: yes\n`;
  write(join(directory, 'sample.sources'), source);
  const treefile = join(directory, 'tree.json');
  write(
    treefile,
    JSON.stringify({ ref: 'aot/sample', repos: ['sample'], 'trusted-repos': ['sample'], packages: ['aot-sample'] }),
  );
  return treefile;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
