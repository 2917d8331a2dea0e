import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type BareRepo, openBareRepo } from '@apt-ostree/ostree';
import { collect, type TarEntry, tar, temporary } from '@apt-ostree/testkit';
import { onTestFinished } from 'vitest';
import { Allowance, type LayerEntry, LayerReader, MEDIA, readLayer } from '../../src/index.ts';

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A repository for one test. */
export const repository = (): Promise<BareRepo> => openBareRepo(join(temporary(onTestFinished), 'repo'));

export interface Knobs {
  /** What the image's configuration says of the layer, where that is not the truth. */
  diffId?: string;
  /** Changes the archive before it is compressed. */
  damage?: (archive: Buffer) => Buffer;
}

/** Reads a layer that has these members. */
export async function layer(entries: readonly TarEntry[], repo?: BareRepo, knobs: Knobs = {}): Promise<LayerEntry[]> {
  const whole = await collect(Readable.from(tar(entries)));
  const archive = knobs.damage?.(whole) ?? whole;
  const blob = gzipSync(archive);
  const reader = new LayerReader(repo ?? (await repository()), new Allowance());
  await readLayer(
    {
      descriptor: { mediaType: MEDIA.layerGzip, digest: digestOf(blob), size: blob.length },
      diffId: knobs.diffId ?? digestOf(archive),
      open: async () => Readable.from([blob]),
    },
    reader,
    new AbortController().signal,
  );
  return reader.entries;
}
