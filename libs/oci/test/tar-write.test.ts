import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { temporary } from '@apt-ostree/testkit';
import { extract, type Header } from 'tar-stream';
import { expect, onTestFinished, test } from 'vitest';
import { TAR_END, type TarEntry, tarHeader, tarPadding } from '../src/index.ts';

const OWNED = { uid: 0, gid: 0, mode: 0o644 };

function archive(entries: readonly [TarEntry, string?][]): Buffer {
  const parts = entries.flatMap(([entry, content = '']) => {
    const data = Buffer.from(content);
    return [tarHeader({ ...entry, size: data.length }), data, tarPadding(data.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

type WithRecords = Header & { pax?: Record<string, string> };

async function read(bytes: Buffer): Promise<WithRecords[]> {
  const headers: WithRecords[] = [];
  const reader = Readable.from([bytes]).pipe(extract());
  for await (const entry of reader) {
    headers.push(entry.header as WithRecords);
    entry.resume();
  }
  return headers;
}

test('another reader finds every kind of entry as it was written', async () => {
  const headers = await read(
    archive([
      [{ ...OWNED, path: '', type: 'directory', mode: 0o755 }],
      [{ path: 'usr', type: 'directory', uid: 1, gid: 2, mode: 0o2755 }],
      [{ path: 'usr/su', type: 'file', uid: 0, gid: 42, mode: 0o4755 }, 'content'],
      [{ ...OWNED, path: 'usr/link', type: 'symlink', mode: 0o777, target: '../elsewhere' }],
      [{ ...OWNED, path: 'usr/same', type: 'hardlink', target: 'usr/su' }],
    ]),
  );
  expect(headers.map((h) => [h.name, h.type, h.mode, h.uid, h.gid, h.size, h.linkname])).toEqual([
    ['./', 'directory', 0o755, 0, 0, 0, null],
    ['usr/', 'directory', 0o2755, 1, 2, 0, null],
    ['usr/su', 'file', 0o4755, 0, 42, 7, null],
    ['usr/link', 'symlink', 0o777, 0, 0, 0, '../elsewhere'],
    ['usr/same', 'link', 0o644, 0, 0, 0, 'usr/su'],
  ]);
  expect(headers.every((h) => h.mtime?.getTime() === 0 && h.uname === '' && h.gname === '')).toBe(true);
});

test('what a header cannot hold is in a pax header', async () => {
  const long = `${'d/'.repeat(80)}ü`;
  const xattrs = [
    ['security.capability', Buffer.from([1, 0, 0, 2, 0x0a, 0x3d])],
    ['user.x', Buffer.from('y')],
  ] as const;
  const headers = await read(
    archive([
      [{ ...OWNED, path: long, type: 'file', uid: 3_000_000, gid: 4_000_000 }, 'x'],
      [{ ...OWNED, path: 'link', type: 'symlink', target: long }],
      [{ ...OWNED, path: 'capable', type: 'file', xattrs }],
    ]),
  );
  const [file, link, capable] = headers as [WithRecords, WithRecords, WithRecords];
  expect([file.name, file.pax?.['path'], file.pax?.['uid'], file.pax?.['gid']]).toEqual([
    long,
    long,
    '3000000',
    '4000000',
  ]);
  expect(link.linkname).toBe(long);
  expect(capable.pax?.['SCHILY.xattr.user.x']).toBe('y');
});

test('GNU tar extracts modes, links, long names and attributes', () => {
  const top = temporary(onTestFinished);
  const long = `${'n'.repeat(120)}`;
  const xattrs = [['user.colour', Buffer.from([0, 1, 0x0a, 0xff])]] as const;
  const bytes = archive([
    [{ ...OWNED, path: long, type: 'file', mode: 0o640, xattrs }, 'data'],
    [{ ...OWNED, path: 'other', type: 'hardlink', target: long }],
  ]);
  writeFileSync(join(top, 'a.tar'), bytes);
  execFileSync('tar', ['--xattrs', '--xattrs-include=*', '-xpf', 'a.tar'], { cwd: top });
  const stat = execFileSync('stat', ['-c', '%a %h %s %Y', 'other'], { cwd: top, encoding: 'utf8' });
  expect(stat.trim()).toBe('640 2 4 0');
  const attribute = execFileSync('getfattr', ['-e', 'hex', '-n', 'user.colour', 'other'], {
    cwd: top,
    encoding: 'utf8',
  });
  expect(attribute).toContain('user.colour=0x00010aff');
});

test('a record of a length whose digits push it over a power of ten counts them', () => {
  for (let length = 80; length < 130; length++) {
    const header = tarHeader({ ...OWNED, path: 'a', type: 'symlink', target: 'é'.repeat(length) });
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    const record = header.subarray(512, 512 + size);
    expect(Number.parseInt(record.toString('latin1'), 10)).toBe(record.length);
  }
});

test('a file of more than 8 GiB has its size in a record', () => {
  const size = 9 * 1024 ** 3;
  expect(tarHeader({ ...OWNED, path: 'big', type: 'file', size }).toString('latin1')).toContain(` size=${size}\n`);
});
