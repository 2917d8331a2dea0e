import { createHash } from 'node:crypto';
import { buildDeb, type PackageSpec } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { type Entry, importDeb } from '../src/index.ts';
import { chunks, MemoryStore } from './store.ts';

const spec: PackageSpec = {
  name: 'demo',
  architecture: 'amd64',
  control: { 'Multi-Arch': 'same' },
  conffiles: ['/etc/demo.conf'],
  scripts: { preinst: 'exit 0' },
  files: {
    '/bin/demo': { content: 'binary', mode: 0o4755, gid: 42 },
    '/bin/alias': { hardlink: '/bin/demo', mode: 0o4755, gid: 42 },
    '/lib/demo/empty': { content: '' },
    '/etc/demo.conf': 'a=b\n',
    '/usr/share/link': { link: '../lib/demo' },
  },
};

async function imported(specification: PackageSpec, size?: number) {
  const store = new MemoryStore();
  const deb = await buildDeb(specification);
  const { name, version = '1.0-1', architecture = 'all' } = specification;
  const wanted = { deb: `${name}.deb`, size: deb.length, name, version, architecture };
  const result = await importDeb(chunks(deb, size), wanted, store);
  const at = (path: string) => result.imported.entries.find((e) => e.path === path);
  const text = (path: string) => store.contents.get((at(path) as Extract<Entry, { object: string }>)?.object);
  return { ...result, deb, at, text };
}

test('everything is at its place in a tree with merged /usr', async () => {
  const { at, text, sha256, deb } = await imported(spec);
  expect(sha256).toBe(createHash('sha256').update(deb).digest('hex'));
  expect(at('usr/bin/demo')).toMatchObject({ type: 'file', mode: 0o104755, uid: 0, gid: 42, size: 6 });
  expect(at('usr/bin')).toMatchObject({ type: 'directory', mode: 0o040755 });
  expect(at('usr/share/link')).toMatchObject({ type: 'symlink', target: '../lib/demo' });
  expect(text('usr/lib/demo/empty')).toBe('');
  expect(at('bin')).toBeUndefined();
});

test('a hard link is the object it links to', async () => {
  const { at } = await imported(spec);
  expect(at('usr/bin/alias')).toEqual({ ...at('usr/bin/demo'), path: 'usr/bin/alias' });
});

test('a conffile waits under the name that dpkg gives it until it configures', async () => {
  const {
    at,
    text,
    imported: { conffiles },
  } = await imported(spec);
  expect(text('etc/demo.conf.dpkg-new')).toBe('a=b\n');
  expect(at('etc/demo.conf')).toBeUndefined();
  expect(conffiles).toEqual([{ path: '/etc/demo.conf', removeOnUpgrade: false }]);
});

test("dpkg's files of the package are there, with the original spelling in the list", async () => {
  const { at, text } = await imported(spec);
  expect(at('var/lib/dpkg/info/demo:amd64.preinst')).toMatchObject({ mode: 0o100755 });
  expect(at('var/lib/dpkg/info/demo:amd64.control')).toBeUndefined();
  const list = text('var/lib/dpkg/info/demo:amd64.list')?.split('\n');
  expect(list?.[0]).toBe('/.');
  expect(list).toContain('/bin/demo');
  expect(list).toContain('/etc/demo.conf');
  expect(list).not.toContain('/etc/demo.conf.dpkg-new');
});

test.each(['xz', 'gz', 'zst', 'none'] as const)('compression %s gives the same', async (compression) => {
  const { imported: one } = await imported({ ...spec, compression });
  const { imported: two } = await imported(spec);
  expect(one).toEqual(two);
});

test.each([1, 7, 511, 513])('chunks of %d bytes give the same', async (size) => {
  const { imported: one } = await imported({ ...spec, compression: 'none' }, size);
  const { imported: two } = await imported(spec);
  expect(one).toEqual(two);
});

test('one file under two spellings is an error', async () => {
  const both = { ...spec, files: { ...spec.files, '/usr/bin/demo': 'other' } };
  await expect(imported(both)).rejects.toMatchObject({ exit: 65, message: /ships '\/usr\/bin\/demo' twice/ });
});

test('links of the top level stay links', async () => {
  const { at } = await imported({ name: 'base', files: { '/lib': { link: 'usr/lib' }, '/usr/lib/x': 'x' } });
  expect(at('lib')).toMatchObject({ type: 'symlink', target: 'usr/lib' });
});

test('a package without md5sums gets those that dpkg makes', async () => {
  const { text } = await imported({ ...spec, controlFiles: { md5sums: '' } });
  const md5 = (content: string) => createHash('md5').update(content).digest('hex');
  expect(text('var/lib/dpkg/info/demo:amd64.md5sums')).toBe(
    `${md5('binary')}  bin/demo\n${md5('a=b\n')}  etc/demo.conf\n${md5('')}  lib/demo/empty\n${md5('binary')}  bin/alias\n`,
  );
  expect((await imported({ name: 'empty' })).text('var/lib/dpkg/info/empty.md5sums')).toBe('');
});
