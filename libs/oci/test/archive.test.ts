import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { collect, imageLayout, type TarEntry, tar, temporary } from '@apt-ostree/testkit';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { imageScratch, openSource, parseImageReference, parseManifestDocument } from '../src/index.ts';
import { copyImage } from './copy-image.ts';

const options = { signal: new AbortController().signal };
let directory: string;
let image: { reference: string; digest: string };
beforeEach(async () => {
  directory = temporary();
  const layers = [Buffer.from('one'), Buffer.from('two')];
  image = await imageLayout(join(directory, 'image'), { layers, tag: 'a' });
  vi.stubEnv('TMPDIR', temporary());
  onTestFinished(() => void vi.unstubAllEnvs());
});

const file = (name = 'image.tar') => join(directory, name);
const reference = (text: string) => parseImageReference(text);

test('an archive of a layout holds the image byte for byte, the same each time', async () => {
  const to = () => copyImage(reference(image.reference), reference(`oci-archive:${file()}:b`));
  expect(await to()).toBe(image.digest);
  const first = readFileSync(file());
  await to();
  expect(readFileSync(file()).equals(first)).toBe(true);
  expect(await copyImage(reference(`oci-archive:${file()}:b`), reference(`oci:${file('back')}:c`))).toBe(image.digest);
  expect(readdirSync(process.env['TMPDIR'] as string)).toEqual([]);
  expect(readdirSync(directory).filter((n) => n.startsWith('aot-tmp.'))).toEqual([]);
});

test.each(['plain', 'gzip'])("docker's archive gives its layers back, %s", async (form) => {
  await copyImage(reference(image.reference), reference(`docker-archive:${file()}:example/os:1`));
  if (form === 'gzip') writeFileSync(file(), gzipSync(readFileSync(file())));
  const source = await openSource(reference(`docker-archive:${file()}:example/os:1`), options);
  const { layers } = parseManifestDocument((await source.manifest()).bytes);
  const contents = await Promise.all(layers.map(async (l) => buffer(await source.blob(l))));
  expect(contents.map((c) => String(gunzipSync(c)))).toEqual(['one', 'two']);
  await source.close();
  const other = openSource(reference(`docker-archive:${file()}:example/os:2`), options);
  await expect(other).rejects.toMatchObject({ exit: 66, hint: 'it has example/os:1' });
});

test('an archive that cannot be written whole is not there, and one that was stays', async () => {
  await copyImage(reference(image.reference), reference(`oci-archive:${file()}:b`));
  const before = readFileSync(file());
  const damaged = await imageLayout(join(directory, 'damaged'), {
    layers: [Buffer.from('three')],
    tag: 'a',
    damage: (blob) => blob.subarray(1),
  });
  const failed = copyImage(reference(damaged.reference), reference(`oci-archive:${file()}:b`));
  await expect(failed).rejects.toMatchObject({ exit: 65 });
  expect(readFileSync(file()).equals(before)).toBe(true);
  expect(readdirSync(directory).filter((n) => n.startsWith('aot-tmp.'))).toEqual([]);
});

describe('a file that is no archive of an image', () => {
  const list = (text: unknown): TarEntry => ({ name: 'manifest.json', content: JSON.stringify(text) });
  const of = async (...entries: TarEntry[]) => collect(tar(entries));
  const cases: [string, 'oci' | 'docker', () => Promise<Uint8Array>, number][] = [
    ['nothing', 'oci', async () => Buffer.alloc(0), 66],
    ['rubbish', 'oci', async () => Buffer.alloc(4096, 'x'), 65],
    ['rubbish in gzip', 'docker', async () => gzipSync(Buffer.alloc(4096, 'x')), 65],
    ['a cut gzip', 'docker', async () => gzipSync(await of(list([]))).subarray(0, 40), 65],
    ['a cut archive', 'docker', async () => (await of(list([]))).subarray(0, 513), 65],
    ['no list', 'docker', () => of({ name: 'other', content: 'x' }), 65],
    ['a list of nothing', 'docker', () => of(list([])), 66],
    ['a list of another shape', 'docker', () => of(list([{ Config: 1, Layers: [] }])), 65],
    ['a path out of it', 'docker', () => of(list([{ Config: '../../etc/passwd', Layers: [] }])), 65],
    ['an absolute path', 'docker', () => of(list([{ Config: '/etc/passwd', Layers: [] }])), 65],
    ['a file that is not in it', 'docker', () => of(list([{ Config: 'c.json', Layers: [] }])), 65],
    [
      'a link out of it',
      'docker',
      () => of({ name: 'c.json', type: 'symlink', linkname: '/etc/passwd' }, list([{ Config: 'c.json', Layers: [] }])),
      65,
    ],
    ['a link for an index', 'oci', () => of({ name: 'index.json', type: 'symlink', linkname: '/etc/passwd' }), 66],
    ['a bomb', 'oci', async () => gzipSync(await of({ name: 'blobs/x', content: { zeros: 100 << 20 } })), 65],
  ];

  test.each(cases)('%s', async (_, form, content, exit) => {
    writeFileSync(file(), await content());
    await expect(openSource(reference(`${form}-archive:${file()}`), options)).rejects.toMatchObject({
      name: 'AotError',
      exit,
    });
    expect(readdirSync(process.env['TMPDIR'] as string)).toEqual([]);
  });

  test('members with paths out of it are not written', async () => {
    const outside: TarEntry = { name: '../../escaped', content: 'x' };
    writeFileSync(file(), await of(outside, { name: '/absolute/escaped', content: 'x' }, list([])));
    await expect(openSource(reference(`docker-archive:${file()}`), options)).rejects.toMatchObject({ exit: 66 });
    expect(existsSync(join(process.env['TMPDIR'] as string, '../escaped'))).toBe(false);
    expect(existsSync('/absolute/escaped')).toBe(false);
  });

  test('one that is not there, or a directory', async () => {
    const open = (path: string) => openSource(reference(`oci-archive:${path}`), options);
    await expect(open(file('none'))).rejects.toMatchObject({ exit: 66 });
    await expect(open(directory)).rejects.toMatchObject({ exit: 65 });
  });
});

test('an archive is unpacked where there is room', async () => {
  const named = temporary();
  for (const [environment, parent] of [
    [{ TMPDIR: named }, named],
    [{}, '/var/tmp'],
  ] as const) {
    const scratch = await imageScratch(environment);
    expect(dirname(scratch.path)).toBe(parent);
    await scratch.remove();
  }
});
