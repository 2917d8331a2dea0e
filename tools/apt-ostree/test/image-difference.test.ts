import { compareImages, type ImageManifestDocument } from '@apt-ostree/oci';
import { expect, test } from 'vitest';
import { differenceText } from '../src/host/image/difference.ts';

const manifest = (layers: Record<string, number>) =>
  ({ layers: Object.entries(layers).map(([digest, size]) => ({ digest, size })) }) as unknown as ImageManifestDocument;

test('what changes between two versions of an image, in layers and bytes', () => {
  const difference = compareImages(
    manifest({ a: 1000, b: 152_900_000 }),
    manifest({ a: 1000, c: 2_300_000_000, d: 999 }),
  );
  expect(differenceText(difference)).toBe(`   Total layers: 3
           Size: 2.3 GB
 Removed layers: 1
           Size: 152.9 MB
   Added layers: 2
           Size: 2.3 GB
`);
});

test('where nothing is known of the version before, all is new', () => {
  expect(compareImages(undefined, manifest({ a: 7 }))).toEqual({
    ...{ total: 1, totalSize: 7, removed: 0, removedSize: 0, added: 1, addedSize: 7 },
  });
});
