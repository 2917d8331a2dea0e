import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RootfsManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { hostileSpec, type PackageSpec, temporary, tool } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { archives, text } from '../archives.ts';

const inert = '#!/bin/sh\nset -e\nexit 0\n';
const demo: PackageSpec = {
  name: 'demo',
  conffiles: ['/etc/demo.conf'],
  scripts: { preinst: inert },
  files: { '/bin/demo': 'binary', '/etc/demo.conf': 'a=b\n', '/usr/share/demo/empty': '' },
};

interface Made {
  cachedir: string;
  rootfs: string;
}

function place(): Made {
  const at = temporary(onTestFinished);
  return { cachedir: join(at, 'cache'), rootfs: join(at, 'root') };
}

const unpack = ({ cachedir, rootfs }: Made, stdin: string, args: string[] = []) =>
  tool('aot-unpack', ['--rootfs', rootfs, '--cachedir', cachedir, '--quiet', ...args], { stdin });

test('packages become a tree that dpkg would have unpacked', async () => {
  const at = place();
  const result = await unpack(at, text(await archives(at.cachedir, [demo, { name: 'other', automatic: true }])));
  expect(result.stderr).toBe('');
  expect(result.code).toBe(0);
  const manifest = JSON.parse(result.stdout) as RootfsManifest;
  expect(manifest).toMatchObject({ kind: 'aot.rootfs/v1', state: 'unpacked', rootfs: at.rootfs, scripts: [] });
  expect(manifest.unpacked.map((u) => [u.package, u.leftOver])).toEqual([
    ['demo:all', false],
    ['other:all', false],
  ]);
  const read = (path: string) => readFileSync(join(at.rootfs, path), 'utf8');
  expect(read('usr/bin/demo')).toBe('binary');
  expect(readlinkSync(join(at.rootfs, 'bin'))).toBe('usr/bin'); // no package ships it
  expect(existsSync(join(at.rootfs, 'sbin'))).toBe(false); // there is no /usr/sbin
  expect(read('etc/demo.conf.dpkg-new')).toBe('a=b\n');
  expect(read('var/lib/dpkg/status')).toMatch(
    /^Package: demo\nStatus: install ok unpacked\n(?:.*\n)*?Conffiles:\n \/etc\/demo.conf newconffile\n\nPackage: other\n/,
  );
  expect(read('var/lib/dpkg/arch')).toBe('amd64\n');
  expect(read('var/lib/apt/extended_states')).toBe('Package: other\nArchitecture: amd64\nAuto-Installed: 1\n\n');
});

test('a package whose preinst may do something is left to dpkg, but its files are there if it is essential', async () => {
  const at = place();
  const spec = (name: string, essential: boolean) => ({
    ...demo,
    name,
    essential,
    scripts: { preinst: 'touch /x' },
    conffiles: [`/etc/${name}.conf`],
    files: { [`/usr/bin/${name}`]: 'binary', [`/etc/${name}.conf`]: '' },
  });
  const result = await unpack(at, text(await archives(at.cachedir, [spec('one', true), spec('two', false)])));
  const { unpacked } = JSON.parse(result.stdout) as RootfsManifest;
  expect(unpacked.map((u) => u.leftOver)).toEqual([true, true]);
  for (const { file } of unpacked) expect(existsSync(join(at.cachedir, file as string))).toBe(true);
  const there = (path: string) => existsSync(join(at.rootfs, path));
  expect([there('usr/bin/one'), there('usr/bin/two')]).toEqual([true, false]);
  expect(there('etc/one.conf.dpkg-new')).toBe(false);
  expect(there('var/lib/dpkg/info/one.list')).toBe(false);
  expect(readFileSync(join(at.rootfs, 'var/lib/dpkg/status'), 'utf8')).toBe('');
});

// every way is tested where packages are read; here, what a refusal leaves behind
const some = ['truncated', 'write-through-symlink', 'not-compressed', 'other-name'] as const;

test.each(some)('%s leaves nothing behind', async (kind) => {
  const at = place();
  const result = await unpack(at, text(await archives(at.cachedir, [demo, hostileSpec(kind)])));
  expect(result).toMatchObject({ code: 65, stdout: '' });
  expect(result.stderr).toMatch(/^aot-unpack: cannot unpack 'hostile_1\.0-1_all\.deb': .*\nhint: /);
  expect(existsSync(at.rootfs)).toBe(false);
  const refs = await run('find', [join(at.cachedir, 'repo/refs/heads'), '-type', 'f']);
  expect(refs.stdout.trim().split('\n').length).toBeLessThanOrEqual(1);
  expect((await run('find', [join(at.cachedir, 'repo/tmp'), '-name', 'aot-*'])).stdout).toBe('');
});

test('a .deb that is not what the index promised is refused', async () => {
  const at = place();
  const manifest = await archives(at.cachedir, [demo]);
  const file = join(at.cachedir, manifest.archives[0]?.file as string);
  const bytes = readFileSync(file);
  bytes[100] = 0x20 ^ (bytes[100] as number);
  writeFileSync(
    file,
    Buffer.concat([bytes, Buffer.from('_x              0           0     0     100644  0         `\n')]),
  );
  const result = await unpack(at, text(manifest));
  expect(result).toMatchObject({ code: 65, stdout: '' });
});

test('two packages that ship one path are named', async () => {
  const at = place();
  const second = { ...demo, name: 'second', conffiles: [], files: { '/usr/bin/demo': 'other' } };
  const result = await unpack(at, text(await archives(at.cachedir, [demo, second])));
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain("cannot unpack 'second:all': '/usr/bin/demo' is also in package 'demo:all'");
  expect(existsSync(at.rootfs)).toBe(false);
});

test('a tree of ours is replaced, anything else is left alone', async () => {
  const at = place();
  const stdin = text(await archives(at.cachedir, [demo]));
  expect((await unpack(at, stdin)).code).toBe(0);
  writeFileSync(join(at.rootfs, 'stray'), '');
  expect((await unpack(at, stdin)).code).toBe(0);
  expect(existsSync(join(at.rootfs, 'stray'))).toBe(false);
  const foreign = { ...at, rootfs: `${at.rootfs}-foreign` };
  mkdirSync(foreign.rootfs);
  writeFileSync(join(foreign.rootfs, 'mine'), '');
  const result = await unpack(foreign, stdin);
  expect(result).toMatchObject({ code: 73, stdout: '' });
  expect(result.stderr).toContain(`cannot make a tree at '${foreign.rootfs}': there is something else in it`);
  expect(existsSync(join(foreign.rootfs, 'mine'))).toBe(true);
});

test('an object that was lost is imported again', async () => {
  const at = place();
  const stdin = text(await archives(at.cachedir, [demo]));
  await unpack(at, stdin);
  const found = await run('find', [join(at.cachedir, 'repo/objects'), '-name', '*.file', '-size', '-2', '-links', '2']);
  const object = found.stdout.split('\n').find((path) => path && readFileSync(path, 'utf8') === 'binary') as string;
  await run('sh', ['-c', 'rm -f "$1" && : > "$1"', 'sh', object]);
  const result = await unpack(at, stdin);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('the package cache is damaged');
  expect(readFileSync(join(at.rootfs, 'usr/bin/demo'), 'utf8')).toBe('binary');
});

test('a stream without its trailer ends with 65 and makes no tree', async () => {
  const at = place();
  const { archives: items, kind, ...rest } = await archives(at.cachedir, [demo]);
  const lines = [{ kind, stream: true, ...rest }, ...items].map((line) => `${JSON.stringify(line)}\n`).join('');
  const result = await unpack(at, lines);
  expect(result).toMatchObject({ code: 65, stdout: '' });
  expect(existsSync(at.rootfs)).toBe(false);
});

test('no manifest, another directory than can be written, no --rootfs', async () => {
  const at = place();
  expect(await unpack(at, '')).toMatchObject({ code: 66, stdout: '' });
  expect(await tool('aot-unpack', [], { stdin: '{}' })).toMatchObject({ code: 64, stdout: '' });
  const stdin = text(await archives(at.cachedir, [demo]));
  const result = await unpack({ ...at, rootfs: join(at.cachedir, 'repo/config/root') }, stdin);
  expect(result).toMatchObject({ code: 73, stdout: '' });
});

test('progress rises to its totals', async () => {
  const at = place();
  const stdin = text(await archives(at.cachedir, [demo]));
  const args = ['--rootfs', at.rootfs, '--cachedir', at.cachedir];
  const { progress } = await tool('aot-unpack', args, { stdin, progress: true });
  for (const phase of ['import', 'assemble']) {
    const last = progress.filter((e) => e.phase === phase).at(-1);
    expect(last).toMatchObject({ type: 'end', done: last?.total });
  }
});
