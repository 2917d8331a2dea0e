import { type CommitManifest, packageId, type RootfsManifest } from '@apt-ostree/manifest';
import { type CommitInfo, type CommitMetadata, fromJson } from '@apt-ostree/ostree';

type Packages = CommitManifest['packages'];

/** Of the commit, not of what it is about: a layer has its own, or none. */
const NOT_INHERITED = new Set(['ostree.ref-binding', 'ostree.collection-binding', 'ostree.sizes']);

/** What a base says of itself, in strings and truths, holds for what is layered on it: version, end of life, kernel. */
export const inherited = ({ metadata }: CommitInfo): CommitMetadata =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([key, value]) =>
      !NOT_INHERITED.has(key) && (typeof value === 'string' || typeof value === 'boolean')
        ? [[key, fromJson(value)]]
        : [],
    ),
  );

/** What a layered commit says of the layer, under the names that rpm-ostree gives it. */
export function layerMetadata(manifest: RootfsManifest, base: CommitInfo, packages: Packages): CommitMetadata {
  const inactive = new Set(manifest.base?.inactive.map(({ request }) => request));
  const requested = ((manifest.treefile['packages'] ?? []) as string[]).filter((text) => !inactive.has(text));
  const { removed, replaced } = compare(base.packages ?? [], packages);
  return {
    'aptostree.base-commit': { type: 's', value: base.checksum },
    'aptostree.clientlayer': { type: 'b', value: true },
    'aptostree.layered-packages': { type: 'as', value: requested },
    ...(removed.length === 0 ? {} : { 'aptostree.removed-base-packages': fromJson(removed) }),
    ...(replaced.length === 0 ? {} : { 'aptostree.replaced-base-packages': fromJson(replaced) }),
  };
}

type Tuple = [full: string, name: string, epoch: string, upstream: string, revision: string, architecture: string];

/** What of the base is not there any more, and what is there in another version: the new one first. */
function compare(before: Packages, now: Packages): { removed: Tuple[]; replaced: [Tuple, Tuple][] } {
  const there = new Map(now.map((p) => [packageId(p), p]));
  const pairs = before.map((old) => [old, there.get(packageId(old))] as const);
  return {
    removed: pairs.flatMap(([old, p]) => (p === undefined ? [tuple(old)] : [])),
    replaced: pairs.flatMap(([old, p]) =>
      p === undefined || p.version === old.version ? [] : [[tuple(p), tuple(old)]],
    ),
  };
}

function tuple({ name, version, architecture }: Packages[number]): Tuple {
  const [, epoch = '', upstream = '', revision = ''] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/.exec(version) ?? [];
  return [`${name}_${version}_${architecture}`, name, epoch, upstream, revision, architecture];
}
