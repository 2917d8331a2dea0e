import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ArchivesManifest, RootfsManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { tree } from '@apt-ostree/testkit';
import { beforeAll, expect, it } from 'vitest';
import { CACHE, program } from '../lib/checkout.ts';
import { realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

// The packages of the minimal example, imported into an empty package cache.
const directory = scratch('unpack');
const rootfs = join(directory, 'rootfs');
const cachedir = join(directory, 'cache');
let archives: ArchivesManifest;
let unpacked: RootfsManifest;

beforeAll(async () => {
  const { lockFile } = await realTree('docs/examples/minimal.yaml');
  const text = readFileSync(join(dirname(lockFile), 'archives.json'), 'utf8');
  archives = JSON.parse(text) as ArchivesManifest;
  mkdirSync(cachedir, { recursive: true });
  symlinkSync(join(CACHE, 'archives'), join(cachedir, 'archives'));
  const args = ['--rootfs', rootfs, '--cachedir', cachedir, '--quiet'];
  unpacked = JSON.parse((await run(program('aot-unpack'), args, { input: text })).stdout) as RootfsManifest;
});

it('imports every package as a commit, and ostree finds no fault with them', async () => {
  const repo = join(cachedir, 'repo');
  const { stdout } = await run('ostree', ['fsck', `--repo=${repo}`]);
  expect(stdout).toMatch(new RegExp(`object fsck of ${archives.packages.length} commits completed successfully`));
  const refs = await run('ostree', ['refs', `--repo=${repo}`, '--list', 'aot/pkg']);
  expect(refs.stdout.trim().split('\n')).toHaveLength(archives.packages.length);
});

it('has the files and links of every package that dpkg-deb would extract, and nothing else', async () => {
  const reference = join(directory, 'reference');
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
    mkdirSync(join(reference, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(reference, name));
  }
  for (const file of inUnpackOrder()) await run('dpkg-deb', ['--extract', join(cachedir, file), reference]);
  expect(Object.keys(content(rootfs)).length).toBeGreaterThan(2000);
  expect(content(rootfs)).toEqual(content(reference));
});

/** Left-overs outside the Essential closure are for dpkg. */
function inUnpackOrder(): string[] {
  const essential = new Set(archives.essential);
  const files = new Map(archives.archives.map((a) => [a.package, a.file as string]));
  return unpacked.unpacked
    .filter((u) => !u.leftOver || essential.has(u.package))
    .map((u) => files.get(u.package) as string);
}

/** All but directories and dpkg's database; conffiles, which wait under another name, are left out on both sides. */
function content(root: string): Record<string, string> {
  const conffiles = conffileNames();
  const all = Object.entries(tree(root)).filter(([, is]) => !is.startsWith('dir '));
  return Object.fromEntries(
    all.filter(([path]) => !/^var\/lib\/(dpkg|apt)\/|\.dpkg-new$/.test(path) && !conffiles.has(path)),
  );
}

function conffileNames(): Set<string> {
  const records = inUnpackOrder().map((file) => basename(file, '.deb'));
  const names = records.flatMap((sha256) => {
    const { conffiles } = JSON.parse(readFileSync(join(cachedir, 'imported', `${sha256}.json`), 'utf8'));
    return (conffiles as { path: string }[]).map(({ path }) => path.slice(1));
  });
  return new Set(names);
}

it('has every conffile under the name that dpkg gives it until it configures', () => {
  expect(readFileSync(join(rootfs, 'etc/bash.bashrc.dpkg-new'), 'utf8')).toContain('bashrc');
});

it('leaves few packages to dpkg, and those are listed with their .deb', () => {
  const left = unpacked.unpacked.filter((u) => u.leftOver);
  expect(left.map((u) => u.package.split(':')[0])).toContain('base-passwd');
  expect(left.length).toBeLessThan(archives.packages.length / 4);
  for (const { file } of left) expect(file).toMatch(/^archives\//);
});
