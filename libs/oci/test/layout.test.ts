import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { temporary } from '@apt-ostree/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Descriptor,
  digestOf,
  MEDIA,
  openDestination,
  openSource,
  parseImageReference,
  type StoredManifest,
} from '../src/index.ts';
import { transfer } from './copy-image.ts';

let directory: string;
beforeEach(() => {
  directory = join(temporary(), 'layout');
});

const options = { signal: new AbortController().signal, warn: () => {} };
const at = (tag?: string) => parseImageReference(`oci:${directory}${tag === undefined ? '' : `:${tag}`}`);

const blob = (text: string, mediaType: string = MEDIA.layer): Descriptor & { text: string } => ({
  ...{ mediaType, digest: digestOf(text), size: text.length, text },
});

function imageOf(...layers: string[]): { manifest: StoredManifest; blobs: (Descriptor & { text: string })[] } {
  const described = layers.map((l) => blob(l));
  const config = blob(JSON.stringify({ layers }), MEDIA.config);
  const bare = ({ text: _, ...descriptor }: Descriptor & { text: string }) => descriptor;
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.manifest, config: bare(config), layers: described.map(bare) }),
  );
  return { manifest: { bytes, mediaType: MEDIA.manifest, digest: digestOf(bytes) }, blobs: [...described, config] };
}

async function write(tag: string | undefined, ...layers: string[]): Promise<StoredManifest> {
  const to = await openDestination(at(tag), options);
  const { manifest, blobs } = imageOf(...layers);
  try {
    for (const b of blobs) if (!(await to.has(b))) await to.put(b, () => Readable.from([Buffer.from(b.text)]));
    await to.publish(manifest);
  } finally {
    await to.close();
  }
  return manifest;
}

const blobFile = (digest: string) => join(directory, 'blobs/sha256', digest.slice(7));

describe('an image layout', () => {
  test('gives back what was put into it, under its name', async () => {
    const manifest = await write('a', 'one', 'two');
    const source = await openSource(at('a'), options);
    expect(await source.manifest()).toEqual(manifest);
    expect(String(await buffer(await source.blob(blob('two'))))).toBe('two');
    expect(readdirSync(directory).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });

  test('has several images; a name moves to the newest that has it', async () => {
    await write('a', 'one');
    const b = await write('b', 'one', 'two');
    const again = await write('a', 'three');
    expect((await (await openSource(at('a'), options)).manifest()).digest).toBe(again.digest);
    expect((await (await openSource(at('b'), options)).manifest()).digest).toBe(b.digest);
    expect(JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')).manifests).toHaveLength(2);
    await expect(openSource(at(), options)).rejects.toThrow('it has several images');
    await expect(openSource(at('c'), options)).rejects.toThrow(`cannot read 'oci:${directory}:c': it has no image 'c'`);
  });

  test('one image may have two names', async () => {
    const { digest } = await write('a', 'one');
    await write('b', 'one');
    for (const tag of ['a', 'b']) expect((await (await openSource(at(tag), options)).manifest()).digest).toBe(digest);
  });

  test('is copied to another', async () => {
    const manifest = await write('a', 'one', 'two');
    const from = await openSource(at('a'), options);
    directory = join(temporary(), 'copy');
    const to = await openDestination(at('x'), options);
    await transfer(from, to);
    await to.close();
    expect(await (await openSource(at('x'), options)).manifest()).toEqual(manifest);
  });

  test('shows nothing of an image that was not published', async () => {
    const before = await write('a', 'one');
    const to = await openDestination(at('a'), options);
    const b = blob('new');
    await to.put(b, () => Readable.from([Buffer.from(b.text)]));
    await to.close();
    expect((await (await openSource(at('a'), options)).manifest()).digest).toBe(before.digest);
    expect(readdirSync(directory).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });
});

describe('what is damaged', () => {
  const read = async (text: string) => buffer(await (await openSource(at('a'), options)).blob(blob(text)));

  test.each([
    ['cut', 'tw', 'it has 2 bytes, not 3'],
    ['longer', 'two!', 'it has more than 3 bytes'],
    ['changed', 'owt', 'its digest differs'],
  ])('a blob that was %s', async (_, text, why) => {
    await write('a', 'one', 'two');
    writeFileSync(blobFile(digestOf('two')), text);
    await expect(read('two')).rejects.toThrow(
      `cannot verify blob '${digestOf('two')}' of 'oci:${directory}:a': ${why}`,
    );
  });

  test('a blob that is missing, or a link', async () => {
    await write('a', 'one', 'two');
    rmSync(blobFile(digestOf('two')));
    await expect(read('two')).rejects.toThrow('is missing');
    symlinkSync('/etc/passwd', blobFile(digestOf('two')));
    await expect(read('two')).rejects.toThrow('it is no regular file');
  });

  test('a manifest that was changed', async () => {
    const { digest } = await write('a', 'one');
    writeFileSync(blobFile(digest), '{}');
    await expect((await openSource(at('a'), options)).manifest()).rejects.toThrow('its digest differs');
  });

  test('a blob that is put with other bytes than it has; nothing of it is left', async () => {
    const to = await openDestination(at('a'), options);
    await expect(to.put(blob('one'), () => Readable.from([Buffer.from('eno')]))).rejects.toThrow('its digest differs');
    await to.close();
    expect(readdirSync(join(directory, 'blobs/sha256'))).toEqual([]);
  });

  test.each(['', '[]', '{"schemaVersion":2}', '{"schemaVersion":2,"manifests":[{"digest":"sha256:../../x"}]}'])(
    'an index that is %j',
    async (text) => {
      await write('a', 'one');
      writeFileSync(join(directory, 'index.json'), text);
      await expect(openSource(at('a'), options)).rejects.toThrow('cannot use the index of the image: ');
    },
  );

  test('no layout at all', async () => {
    await expect(openSource(at(), options)).rejects.toThrow(`cannot read 'oci:${directory}': there is no image layout`);
  });
});
