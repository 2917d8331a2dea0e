import type { TarEntry } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { layer } from './layer.ts';

const HOSTILE: Record<string, [TarEntry, RegExp]> = {
  'a path that leads out of the tree': [{ name: '../etc/passwd', content: 'x' }, /leads out of the tree/],
  'a path that leads out behind others': [{ name: 'usr/../../etc/passwd', content: 'x' }, /leads out of the tree/],
  'an absolute path': [{ name: '/etc/passwd', content: 'x' }, /is absolute/],
  'a link out of the tree': [{ name: 'usr/x', type: 'symlink', linkname: '../../etc' }, /leads out of the tree/],
  'a link to nothing': [{ name: 'usr/x', type: 'symlink', linkname: '' }, /leads nowhere/],
  'a hard link out of the tree': [{ name: 'x', type: 'link', linkname: '../../etc/shadow' }, /leads out of the tree/],
  'a device node': [
    { name: 'usr/null', type: 'character-device', devmajor: 1, devminor: 3 },
    /'\/usr\/null'.*device node/,
  ],
  'a block device': [{ name: 'sda', type: 'block-device', devmajor: 8, devminor: 0 }, /device node/],
  'a named pipe': [{ name: 'usr/pipe', type: 'fifo' }, /named pipe/],
  'a name that is too long': [{ name: `usr/${'x'.repeat(256)}`, content: '' }, /too long/],
  'a path that is too long': [{ name: `${'x/'.repeat(3000)}y`, content: '' }, /too long/],
  'a whiteout of nothing': [{ name: 'usr/.wh.', content: '' }, /whiteout of nothing/],
  'a whiteout of the directory itself': [{ name: 'usr/.wh...', content: '' }, /whiteout of nothing/],
  'a file in the place of the root': [{ name: './', type: 'symlink', linkname: 'usr' }, /replaces the root/],
  'an attribute without a name': [{ name: 'x', content: '', pax: { 'SCHILY.xattr.': 'v' } }, /impossible name/],
  'an attribute that is too large': [
    { name: 'x', content: '', pax: { 'SCHILY.xattr.user.big': 'v'.repeat(70_000) } },
    /too large/,
  ],
  'a sparse file': [{ name: 'x', content: '', pax: { 'GNU.sparse.major': '1' } }, /sparse/],
};

test.each(Object.entries(HOSTILE))('%s is refused', async (_name, [entry, message]) => {
  await expect(layer([entry])).rejects.toMatchObject({
    name: 'AotError',
    exit: 65,
    message: expect.stringMatching(message),
  });
});

test('devices where a running system mounts its own are left out', async () => {
  const entries = await layer([
    { name: 'dev/', type: 'directory' },
    { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
  ]);
  expect(entries.map((e) => e.path)).toEqual(['dev']);
});

test('a layer that is not what the configuration says is refused', async () => {
  const diffId = `sha256:${'0'.repeat(64)}`;
  await expect(layer([{ name: 'x', content: 'x' }], undefined, { diffId })).rejects.toMatchObject({
    exit: 65,
    message: expect.stringMatching(/^cannot use layer 'sha256:.*': its content is 'sha256:.*', not 'sha256:000/),
  });
});

test.each([
  ['cut in a header', 300],
  ['cut in a file', 600],
  ['without an end', 1024],
])('a layer that is %s is refused', async (_name, bytes) => {
  const damage = (archive: Buffer) => archive.subarray(0, bytes);
  await expect(layer([{ name: 'x', content: 'x'.repeat(500) }], undefined, { damage })).rejects.toMatchObject({
    exit: 65,
    message: expect.stringMatching(/cut short/),
  });
});

test('a layer that unpacks to absurd size is given up early', async () => {
  const bomb = [{ name: 'x', content: { zeros: 400_000_000 } }];
  await expect(layer(bomb)).rejects.toMatchObject({ exit: 65, message: expect.stringMatching(/unpacks to more than/) });
});

test('names that are not UTF-8 are refused', async () => {
  const damage = (archive: Buffer) => {
    archive[0] = 0xff;
    archive[148] = 0; // the checksum is made anew
    let sum = 8 * 32;
    for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += archive[i] as number;
    archive.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return archive;
  };
  await expect(layer([{ name: 'x', content: 'x' }], undefined, { damage })).rejects.toThrow(/is not UTF-8/);
});

test('a hundred thousand entries of nothing are one object and a listing', async () => {
  const many = Array.from({ length: 100_000 }, (_, i) => ({ name: `d${i % 100}/${i}`, content: '' }));
  const entries = await layer(many);
  expect(entries).toHaveLength(100_000);
  expect(new Set(entries.map((e) => (e.type === 'file' ? e.object : ''))).size).toBe(1);
});
