import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type ArEntry, ArError, decodeHeader, encodeHeader, readAr, writeAr } from '../src/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ar-stream-'));
afterAll(() => rmSync(scratch, { recursive: true }));

async function bytes(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The archive in pieces of `size`, as a network might deliver it. */
async function* pieces(archive: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
}

async function readAll(archive: Uint8Array, size?: number) {
  const members: { name: string; mode: number; mtime: number; data: string }[] = [];
  for await (const { name, mode, mtime, data } of readAr(pieces(archive, size)))
    members.push({ name, mode, mtime, data: (await bytes(data)).toString() });
  return members;
}

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof ArError ? error.code : error),
  );

const sample: ArEntry[] = [
  { name: 'debian-binary', data: Buffer.from('2.0\n'), mtime: 1700000000 },
  { name: 'control.tar.xz', data: Buffer.from('odd'), mode: 0o100600, uid: 1000, gid: 1001 },
  { name: 'data.tar', data: Buffer.alloc(0) },
];

describe('reading and writing', () => {
  test('what was written is read, whatever the sizes of the chunks', async () => {
    const entry = fc.record({
      name: fc.stringMatching(/^[a-z][a-z.-]{0,15}$/),
      data: fc.uint8Array({ maxLength: 200 }),
      mtime: fc.nat(),
      mode: fc.constantFrom(0o100644, 0o100755, 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 5 }), fc.integer({ min: 1, max: 300 }), async (entries, size) => {
        const members = await readAll(await bytes(writeAr(entries)), size);
        const wanted = entries.map((e) => ({ ...e, data: Buffer.from(e.data).toString() }));
        expect(members).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });

  test('data that nobody reads is skipped', async () => {
    const names: string[] = [];
    for await (const member of readAr(pieces(await bytes(writeAr(sample))))) names.push(member.name);
    expect(names).toEqual(['debian-binary', 'control.tar.xz', 'data.tar']);
  });

  test('data that is read in part is skipped from there', async () => {
    const names: string[] = [];
    for await (const member of readAr(pieces(await bytes(writeAr(sample)), 2))) {
      names.push(member.name);
      for await (const _ of member.data) break;
    }
    expect(names).toHaveLength(3);
  });

  test('leaving early closes the source', async () => {
    let closed = false;
    const archive = await bytes(writeAr(sample));
    async function* source() {
      try {
        yield* pieces(archive);
      } finally {
        closed = true;
      }
    }
    for await (const _ of readAr(source())) break;
    expect(closed).toBe(true);
  });

  test('data of a member that has been passed over is not to be had', async () => {
    const members = readAr(pieces(await bytes(writeAr(sample))));
    const first = (await members.next()).value!;
    await members.next();
    expect((await bytes(first.data)).length).toBe(0);
    const again = readAr(pieces(await bytes(writeAr([{ name: 'a', data: Buffer.alloc(4) }, ...sample])), 1));
    const half = (await again.next()).value!;
    const reader = half.data[Symbol.asyncIterator]();
    await reader.next();
    await again.next();
    expect((await reader.next()).done).toBe(true);
  });

  test('a stream is written when its size is said, and must be as long as that', async () => {
    const stream = () => pieces(Buffer.from('hello'), 2);
    expect(await readAll(await bytes(writeAr([{ name: 'a', size: 5, data: stream() }])))).toMatchObject([
      { data: 'hello' },
    ]);
    for (const size of [4, 6])
      expect(await code(bytes(writeAr([{ name: 'a', size, data: stream() }])))).toBe('wrong-size');
    expect(await code(bytes(writeAr([{ name: 'a', data: stream() }])))).toBe('wrong-size');
  });

  test.each(['', 'a name', 'a/b', '17-characters-xxx', 'ä'])('%j cannot be a name', async (name) => {
    expect(await code(bytes(writeAr([{ name, data: Buffer.alloc(0) }])))).toBe('bad-name');
  });

  test.each([{ uid: 1e6 }, { size: 1e10 }, { mtime: -1 }, { mode: 0.5 }])('%j does not fit a header', (wrong) => {
    expect(() => encodeHeader({ name: 'a', size: 0, mtime: 0, uid: 0, gid: 0, mode: 0, ...wrong })).toThrow(ArError);
  });
});

describe('hostile archives', () => {
  const header = (fields: Partial<Record<'name' | 'mtime' | 'uid' | 'gid' | 'mode' | 'size' | 'end', string>>) => {
    const f = { name: 'a', mtime: '0', uid: '0', gid: '0', mode: '100644', size: '2', end: '`\n', ...fields };
    return `${f.name.padEnd(16)}${f.mtime.padEnd(12)}${f.uid.padEnd(6)}${f.gid.padEnd(6)}${f.mode.padEnd(8)}${f.size.padEnd(10)}${f.end}`;
  };

  test.each([
    ['nothing', '', 'bad-magic'],
    ['another magic', '!<thin>\n', 'bad-magic'],
    ['half a magic', '!<ar', 'bad-magic'],
    ['half a header', `!<arch>\n${header({}).slice(0, 30)}`, 'truncated'],
    ['a header with another end', `!<arch>\n${header({ end: 'x\n' })}hi`, 'bad-header'],
    ['a negative size', `!<arch>\n${header({ size: '-2' })}hi`, 'bad-number'],
    ['a hexadecimal size', `!<arch>\n${header({ size: '0x2' })}hi`, 'bad-number'],
    ['no size', `!<arch>\n${header({ size: '' })}hi`, 'bad-number'],
    ['a size with a blank in it', `!<arch>\n${header({ size: '1 2' })}hi`, 'bad-number'],
    ['a decimal mode', `!<arch>\n${header({ mode: '100849' })}hi`, 'bad-number'],
    ['a size beyond the stream', `!<arch>\n${header({ size: '9999999999' })}hi`, 'truncated'],
    ['no name', `!<arch>\n${header({ name: '' })}hi`, 'bad-name'],
    ['a path for a name', `!<arch>\n${header({ name: 'a/b' })}hi`, 'bad-name'],
    ["GNU's table of long names", `!<arch>\n${header({ name: '//' })}hi`, 'bad-name'],
    ["a reference into GNU's table", `!<arch>\n${header({ name: '/0' })}hi`, 'bad-name'],
    ["BSD's long name", `!<arch>\n${header({ name: '#1/20' })}hi`, 'bad-name'],
    ['no padding', `!<arch>\n${header({ size: '1' })}h`, 'truncated'],
    ['other padding', `!<arch>\n${header({ size: '1' })}h\0`, 'bad-padding'],
    ['bytes after the end', `!<arch>\n${header({})}hi\n`, 'truncated'],
  ])('%s', async (_, archive, expected) => {
    expect(await code(readAll(Buffer.from(archive, 'latin1')))).toBe(expected);
  });

  test('an archive cut anywhere but between members is an error', async () => {
    const archive = await bytes(writeAr(sample));
    const between = [8, 8 + 64, 8 + 64 + 64];
    for (let length = 0; length < archive.length; length++) {
      const outcome = await code(readAll(archive.subarray(0, length), 50));
      expect([length, outcome]).toEqual([
        length,
        between.includes(length) ? 'no error' : length < 8 ? 'bad-magic' : 'truncated',
      ]);
    }
  });

  test('random bytes give an archive or an ArError, never anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (tail) => {
        const archive = Buffer.concat([Buffer.from('!<arch>\n'), tail]);
        expect(['no error', 'bad-header', 'bad-name', 'bad-number', 'truncated']).toContain(
          await code(readAll(archive)),
        );
      }),
    );
  });
});

describe('headers', () => {
  test('fields may be empty, as in the special members of GNU ar; a slash may end the name', () => {
    const raw = Buffer.from(`${'debian-binary/'.padEnd(48)}${'4'.padEnd(10)}\`\n`, 'latin1');
    expect(decodeHeader(raw)).toEqual({ name: 'debian-binary', size: 4, mtime: 0, uid: 0, gid: 0, mode: 0 });
  });
});

describe('against ar and dpkg-deb', () => {
  test('ar lists and extracts what was written', async () => {
    const file = join(scratch, 'ours.a');
    writeFileSync(file, await bytes(writeAr(sample)));
    expect((await run('ar', ['t', file])).stdout).toBe('debian-binary\ncontrol.tar.xz\ndata.tar\n');
    expect((await run('ar', ['p', file, 'control.tar.xz'])).stdout).toBe('odd');
    expect((await run('ar', ['tv', file], { env: { TZ: 'UTC' } })).stdout).toContain('rw------- 1000/1001      3 ');
  });

  test('what ar wrote is read', async () => {
    writeFileSync(join(scratch, 'one'), 'one');
    writeFileSync(join(scratch, 'sixteen'), 'even');
    await run('ar', ['rcD', 'theirs.a', 'one', 'sixteen'], { cwd: scratch });
    expect(await readAll(readFileSync(join(scratch, 'theirs.a')))).toMatchObject([
      { name: 'one', data: 'one' },
      { name: 'sixteen', data: 'even' },
    ]);
  });

  test('what dpkg-deb wrote is read, and the same bytes are written again', async () => {
    const tree = join(scratch, 'tree');
    const control =
      'Package: sample\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: sample\n';
    await run('mkdir', ['-p', join(tree, 'DEBIAN')]);
    writeFileSync(join(tree, 'DEBIAN/control'), control);
    await run('dpkg-deb', ['--build', '--root-owner-group', tree, join(scratch, 'sample.deb')]);
    const theirs = readFileSync(join(scratch, 'sample.deb'));
    const entries: ArEntry[] = [];
    for await (const { data, ...header } of readAr(pieces(theirs, 64)))
      entries.push({ ...header, data: await bytes(data) });
    expect(entries.map((e) => e.name)).toEqual(['debian-binary', 'control.tar.xz', 'data.tar.xz']);
    expect(Buffer.compare(await bytes(writeAr(entries)), theirs)).toBe(0);
  });
});
