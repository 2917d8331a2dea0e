import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { COMPRESSIONS, compressorIdentity, LayerCache, layerMediaType, writeLayer } from '../src/index.ts';

const digest = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const CONTENT = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `line ${i}\n`).join(''));

/** In the same memory each time, as objects are read. */
async function* pieces(size: number) {
  const piece = Buffer.alloc(size);
  for (let at = 0; at < CONTENT.length; at += size) yield piece.subarray(0, CONTENT.copy(piece, 0, at, at + size));
}

async function* breaking() {
  yield CONTENT.subarray(0, 512);
  throw new Error('broken off');
}

const UNPACK = {
  gzip: (file: string) => gunzipSync(readFileSync(file)),
  zstd: (file: string) => execFileSync('zstd', ['-dcq', file], { maxBuffer: 1 << 26 }),
  none: (file: string) => readFileSync(file),
};

describe.each(COMPRESSIONS)('with compression %s', (compression) => {
  test('digests and sizes are those of the file and of what is in it', async () => {
    const file = join(temporary(onTestFinished), 'layer');
    const layer = await writeLayer(pieces(1000), compression, file);
    expect(layer).toEqual({
      diffId: digest(CONTENT),
      uncompressedSize: CONTENT.length,
      digest: digest(readFileSync(file)),
      size: statSync(file).size,
    });
    expect(UNPACK[compression](file).equals(CONTENT)).toBe(true);
  });

  test('the bytes do not depend on the pieces in which they come', async () => {
    const top = temporary(onTestFinished);
    const one = await writeLayer(pieces(512), compression, join(top, 'one'));
    const other = await writeLayer(pieces(70_001), compression, join(top, 'other'));
    expect(one).toEqual(other);
  });

  test('a source that breaks off is an error', async () => {
    const file = join(temporary(onTestFinished), 'layer');
    await expect(writeLayer(breaking(), compression, file)).rejects.toThrow('broken off');
  });

  test('the compressor has a name and the layer a media type', async () => {
    expect(await compressorIdentity(compression)).toMatch(/^(none|gzip-6, zlib \S+|zstd-3, v[\d.]+)$/);
    expect(layerMediaType(compression)).toMatch(/^application\/vnd\.oci\.image\.layer\.v1\.tar(\+gzip|\+zstd)?$/);
  });
});

test('what is written with gzip carries no time and no name', async () => {
  const file = join(temporary(onTestFinished), 'layer');
  await writeLayer(pieces(1000), 'gzip', file);
  expect(readFileSync(file).subarray(0, 10).toString('hex')).toBe('1f8b0800000000000003');
});

describe('the cache', () => {
  const KEY = 'a'.repeat(64);

  async function filled() {
    const top = temporary(onTestFinished);
    const file = join(top, 'layer');
    const layer = await writeLayer(pieces(1000), 'gzip', file);
    const cache = new LayerCache(join(top, 'cache'));
    return { top, file, layer, cache, blob: cache.store(KEY, layer, file) };
  }

  test('takes a layer over, and knows it by its key', async () => {
    const { top, file, layer, blob } = await filled();
    const again = new LayerCache(join(top, 'cache'));
    expect(again.find(KEY)).toEqual(layer);
    expect(again.blob(layer)).toBe(blob);
    expect(existsSync(file)).toBe(false);
    expect(again.find('b'.repeat(64))).toBeUndefined();
  });

  test('removes a blob that is cut short', async () => {
    const { cache, layer, blob } = await filled();
    truncateSync(blob, 100);
    expect(cache.blob(layer)).toBeUndefined();
    expect(existsSync(blob)).toBe(false);
    expect(cache.find(KEY)).toEqual(layer);
  });

  test('does not believe a record that is none', async () => {
    const { top, cache } = await filled();
    truncateSync(join(top, 'cache/records', `${KEY}.json`), 20);
    expect(cache.find(KEY)).toBeUndefined();
  });

  test('lets blobs go that nobody used for two weeks', async () => {
    const { cache, layer, blob } = await filled();
    const old = new Date(Date.now() - 15 * 24 * 60 * 60 * 1000);
    utimesSync(blob, old, old);
    expect(cache.blob(layer)).toBe(blob); // used just now
    cache.expire();
    expect(existsSync(blob)).toBe(true);
    utimesSync(blob, old, old);
    cache.expire();
    expect(existsSync(blob)).toBe(false);
  });
});
