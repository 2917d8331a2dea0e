import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { TarError, type TarHeader } from '../src/tar/header.ts';
import { TarParser } from '../src/tar/parser.ts';
import { decodePax } from '../src/tar/pax.ts';

/** Made by `tar --format=FORMAT -cf`. */
async function made(format: string): Promise<Buffer> {
  const at = temporary(onTestFinished);
  const long = 'n'.repeat(120);
  mkdirSync(join(at, `d/${long}`), { recursive: true });
  writeFileSync(join(at, `d/${long}/${long}`), 'content');
  writeFileSync(join(at, 'd/ümlaut'), '');
  symlinkSync('t'.repeat(150), join(at, 'd/link'));
  await run('tar', [`--format=${format}`, '--owner=70000', '--group=8', '-C', at, '-cf', join(at, 'x.tar'), './d']);
  return readFileSync(join(at, 'x.tar'));
}

function parse(bytes: Buffer, size = bytes.length, pax = false) {
  const headers: TarHeader[] = [];
  let content = '';
  let done = 0;
  const parser = new TarParser(
    {
      entry: (h) => headers.push(h),
      data: (chunk) => {
        content += chunk;
      },
      done: () => done++,
    },
    pax,
  );
  for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size));
  parser.end();
  expect(done).toBe(headers.length);
  return { headers, content };
}

test('long names of GNU tar, whatever the chunks', async () => {
  const bytes = await made('gnu');
  const { headers, content } = parse(bytes);
  expect(content).toBe('content');
  const paths = headers.map((h) => h.path);
  expect(paths).toContain(`./d/${'n'.repeat(120)}/${'n'.repeat(120)}`);
  expect(paths).toContain('./d/ümlaut');
  expect(headers.find((h) => h.type === 'symlink')?.link).toBe('t'.repeat(150));
  expect(headers.every((h) => h.uid === 70000 && h.gid === 8)).toBe(true);
  for (const size of [1, 100, 512, 1000]) expect(parse(bytes, size)).toEqual({ headers, content });
});

test('headers of the pax format are refused, as by dpkg', async () => {
  const bytes = await made('pax');
  expect(() => parse(bytes)).toThrow("tar header type 'x'");
});

test('where they are allowed, headers of the pax format say what those of GNU tar say', async () => {
  const [pax, gnu] = [parse(await made('pax'), 700, true), parse(await made('gnu'))];
  expect(pax.headers).toHaveLength(gnu.headers.length);
  expect(new Set(pax.headers.map((h) => h.path))).toEqual(new Set(gnu.headers.map((h) => h.path)));
  expect(pax.headers.find((h) => h.type === 'symlink')?.link).toBe('t'.repeat(150));
});

test.each([
  ['a length that is none', 'x path=y\n'],
  ['a length beyond the end', '99 path=y\n'],
  ['no line break', '10 path=yy'],
  ['no value', '7 path\n'],
  ['a zero byte in a name', '11 path=a\0b\n'],
  ['a size that is no number', '11 size=-1\n\n'],
])('a pax header with %s is refused', (_name, text) => {
  expect(() => decodePax(Buffer.from(text))).toThrow(TarError);
});

test('extended attributes keep every byte', () => {
  const value = Buffer.from([0, 10, 255, 61]);
  const record = Buffer.concat([Buffer.from('27 SCHILY.xattr.user.x='), value, Buffer.from('\n')]);
  expect(record.length).toBe(28);
  record.write('28');
  expect(decodePax(record).xattrs?.get('user.x')).toEqual(value);
});

test('an archive that is cut anywhere is refused', async () => {
  const bytes = await made('gnu');
  const end = bytes.lastIndexOf('content') + 512;
  for (const size of [100, 512, 700, end - 600]) expect(() => parse(bytes.subarray(0, size))).toThrow('cut short');
});

test('a changed header is refused', async () => {
  const bytes = await made('gnu');
  bytes[3] = 65;
  expect(() => parse(bytes)).toThrow('wrong checksum');
});

test('a name that is not UTF-8 is refused', async () => {
  const bytes = await made('gnu');
  const at = bytes.indexOf('ü');
  const header = bytes.subarray(at - (at % 512), at - (at % 512) + 512);
  header[header.indexOf('ü')] = 0xff;
  header.write('        ', 148);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  expect(() => parse(bytes)).toThrow('is not UTF-8');
});
