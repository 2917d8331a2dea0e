import {
  formatListing,
  type ImageLayer,
  keptRefs,
  type LayerEntry,
  LayerReader,
  parseListing,
  refCommit,
} from '@apt-ostree/oci';
import { type BareRepo, openTree } from '@apt-ostree/ostree';
import { atOnce } from './at-once.ts';
import { LAYERS_AT_ONCE, type Staging } from './staging.ts';

const LISTING = 'listing';

/** What each layer does, in the order of the layers, and its contents as objects; several are read at once. */
export async function* layersInOrder(
  staging: Staging,
  layers: readonly ImageLayer[],
): AsyncGenerator<[ImageLayer, LayerEntry[]]> {
  yield* atOnce(layers, LAYERS_AT_ONCE, async (layer, signal) => [layer, await layerEntries(staging, layer, signal)]);
}

/**
 * From the repository where that has the layer, else from the source. A layer is kept as a commit with its files, each under
 * its checksum, and the listing of where they belong.
 */
async function layerEntries(staging: Staging, layer: ImageLayer, signal: AbortSignal): Promise<LayerEntry[]> {
  const ref = keptRefs.layer(layer.diffId);
  const kept = refCommit(staging.target, ref);
  if (kept !== undefined) {
    const listing = openTree(staging.target, kept).read(LISTING);
    if (listing !== undefined) {
      const entries = parseListing(Buffer.from(listing).toString());
      staging.allowance.takeEntries(entries.length);
      staging.skip(layer);
      return entries;
    }
  }
  const reader = new LayerReader(staging.repo, staging.allowance);
  await staging.read(layer, reader, signal);
  staging.name(ref, commitLayer(staging.repo, layer.diffId, reader.entries));
  return reader.entries;
}

function commitLayer(repo: BareRepo, diffId: string, entries: readonly LayerEntry[]): string {
  const objects = entries.flatMap((entry) => ('object' in entry ? [entry.object] : []));
  const files = new Map(objects.map((object) => [object, object]));
  files.set(LISTING, writeFile(repo, formatListing(entries)));
  return keep(repo, `layer ${diffId}`, files);
}

function writeFile(repo: BareRepo, text: string): string {
  const bytes = Buffer.from(text);
  const writer = repo.content({ uid: 0, gid: 0, mode: 0o100644 }, bytes.length);
  writer.write(bytes);
  return writer.finish();
}

/** A commit without a time that keeps files from being pruned. */
export function keep(repo: BareRepo, subject: string, files: ReadonlyMap<string, string>): string {
  const tree = repo.dirtree({ files, dirs: new Map() });
  return repo.commit({ subject, timestamp: 0, tree, meta: repo.dirmeta({ uid: 0, gid: 0, mode: 0o040755 }) });
}
