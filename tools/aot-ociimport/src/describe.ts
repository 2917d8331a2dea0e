import { type CommitManifest, sha256 } from '@apt-ostree/manifest';
import type { Image } from '@apt-ostree/oci';
import { readCommit } from '@apt-ostree/ostree';
import type { ImportArgs, Imported } from './import.ts';
import { finalDiffId } from './labels.ts';

export interface Result {
  args: ImportArgs & { repo: string };
  image: Image;
  imported: Imported;
  architecture: string;
  /** The repository had the image already. */
  unchanged: boolean;
}

/** The manifest of the commit that an image gave. Only a commit that the image carried can name its treefile. */
export function describe({ args, image, imported, architecture, unchanged }: Result): CommitManifest {
  const { repo, ref } = args;
  const info = readCommit(repo, imported.commit);
  return {
    kind: 'aot.commit/v1',
    treefile: treefileOf(info.metadata),
    architecture,
    repo,
    ref: ref ?? null,
    commit: imported.commit,
    contentChecksum: sha256(Buffer.from(info.tree + info.meta, 'hex')),
    parent: info.parent ?? null,
    version: info.version ?? null,
    timestamp: info.timestamp,
    inputHash: text(info.metadata['aptostree.inputhash'], /^[0-9a-f]{64}$/),
    unchanged,
    packages: info.packages ?? [],
    stats: null,
    image: {
      reference: args.image,
      digest: image.stored.digest,
      format: finalDiffId(image) === undefined ? 'plain' : 'encapsulated',
      layers: image.layers.map(({ descriptor: { digest, size }, diffId }) => ({
        ...{ digest, diffId, size },
        fetched: imported.fetched.has(diffId),
      })),
    },
  };
}

function treefileOf(metadata: Record<string, unknown>): Record<string, unknown> | null {
  const said = text(metadata['aptostree.treefile'], /^\{/);
  if (said === null) return null;
  try {
    return JSON.parse(said) as Record<string, unknown>;
  } catch {
    return null;
  }
}

const text = (value: unknown, form: RegExp): string | null =>
  typeof value === 'string' && form.test(value) ? value : null;
