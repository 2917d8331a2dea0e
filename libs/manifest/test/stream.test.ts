import { describe, expect, test } from 'vitest';
import { type ArchiveItem, type ArchivesManifest, readStream, StreamWriter, serialize } from '../src/index.ts';
import { archives } from './sample.ts';

/** The lines of the stream form. */
function written(): string[] {
  const lines: string[] = [];
  const { archives: items, ...envelope } = archives();
  const writer = new StreamWriter(envelope, (line) => lines.push(line.trimEnd()));
  for (const item of items) writer.item(item);
  writer.end();
  return lines;
}

async function read(lines: readonly string[]) {
  const seen: (ArchivesManifest | ArchiveItem)[] = [];
  async function* source() {
    yield* lines;
  }
  const note = (value: ArchivesManifest | ArchiveItem) => void seen.push(value);
  return { manifest: await readStream(source(), note, note), seen };
}

const failure = (lines: readonly string[]) =>
  read(lines).then(
    () => expect.fail('it was read'),
    (error: unknown) => error,
  );

describe('the stream form', () => {
  test('is read as it comes, and is the same manifest', async () => {
    const { manifest, seen } = await read(written());
    expect(manifest).toEqual(archives());
    expect(seen).toEqual([{ ...archives(), archives: [] }, ...archives().archives]);
  });

  test('one document says the same', async () => {
    for (const lines of [serialize(archives()).split('\n'), [JSON.stringify(archives())]]) {
      const { manifest, seen } = await read(lines);
      expect(manifest).toEqual(archives());
      expect(seen).toHaveLength(3);
    }
  });

  test('may be spaced and ordered as other programs do', async () => {
    const [envelope, ...rest] = written();
    const { stream, kind, ...members } = JSON.parse(envelope as string);
    const spaced = JSON.stringify({ ...members, stream, kind }).replace('"stream":true', '"stream": true');
    expect((await read([spaced, ...rest])).manifest).toEqual(archives());
  });

  test('without an item is whole too', async () => {
    const lines: string[] = [];
    const { archives: _, ...envelope } = archives();
    new StreamWriter(envelope, (line) => lines.push(line.trimEnd())).end();
    expect((await read(lines)).manifest.archives).toEqual([]);
  });
});

describe('what is refused', () => {
  const broken = { name: 'AotError', exit: 65, code: 'cut-manifest' };

  test('a stream that is cut after any line', async () => {
    const lines = written();
    for (let count = 1; count < lines.length; count++)
      expect(await failure(lines.slice(0, count))).toMatchObject({
        ...broken,
        message: expect.stringContaining('it ended before its trailer'),
      });
  });

  test('a line that is cut', async () => {
    const [envelope, item] = written() as [string, string];
    expect(await failure([envelope, item.slice(0, -5)])).toMatchObject(broken);
    expect(await failure([envelope.slice(0, -5)])).toMatchObject(broken);
  });

  test.each(['null', '1', '"text"', ''])('the line %j', async (line) => {
    expect(await failure([written()[0]!, line])).toMatchObject({
      ...broken,
      message: expect.stringContaining('a line is not a JSON object'),
    });
  });

  test('a trailer that does not fit: an item lost, doubled, changed, swapped', async () => {
    const [envelope, a, b, trailer] = written() as [string, string, string, string];
    for (const items of [[a], [a, b, b], [a, b.replace('sample.deb', 'another.deb')], [b, a]])
      expect(await failure([envelope, ...items, trailer])).toMatchObject({
        ...broken,
        message: expect.stringContaining('its trailer does not fit its items'),
      });
  });

  test('an item that climbs, before anybody sees it', async () => {
    const [envelope] = written() as [string];
    const item = { package: 'a:all', sha256: '0'.repeat(64), file: '../../etc/passwd' };
    const seen: unknown[] = [];
    async function* source() {
      yield* [envelope, JSON.stringify(item)];
    }
    await expect(
      readStream(
        source(),
        () => {},
        (i) => void seen.push(i),
      ),
    ).rejects.toMatchObject({
      exit: 65,
      code: 'invalid-manifest',
      message: expect.stringContaining('item 1 is not valid: file'),
    });
    expect(seen).toEqual([]);
  });

  test('nothing', async () => {
    expect(await failure([])).toMatchObject({ exit: 66 });
  });

  test('a stream of another kind', async () => {
    expect(await failure(['{"kind":"aot.rootfs/v1","stream":true}'])).toMatchObject({ exit: 65, code: 'wrong-kind' });
  });
});
