import { canonicalJson, type RootfsManifest, sha256 } from '@apt-ostree/manifest';
import { treeDigest } from './tree-digest.ts';

/** What `compose install` and `compose postprocess` note in the manifest beside a tree. */
interface Made {
  /** Of the tree as they left it. */
  digest: string;
  /** Of the treefile, and the files beside it, that made it what it is. */
  from: string;
}

type Noted = RootfsManifest & { made?: Made };
type Source = Pick<RootfsManifest, 'treefile' | 'inputs'>;

const digestOf = ({ treefile, inputs }: Source): string => sha256(canonicalJson([treefile, inputs]));

/** The manifest with a note about its tree, which was just made. */
export async function note(manifest: RootfsManifest, from: Source): Promise<Noted> {
  return { ...manifest, made: { digest: await treeDigest(manifest.rootfs), from: digestOf(from) } };
}

/**
 * The manifest without the note; with a digest of the tree where it is not what `from` makes, because it was edited since
 * or because the treefile was: then its commit must not be taken for one of that treefile.
 */
export async function judge(manifest: Noted, from: Source): Promise<RootfsManifest> {
  const { made, ...rest } = manifest;
  const digest = await treeDigest(manifest.rootfs);
  if (rest.edited === undefined && made?.digest === digest && made.from === digestOf(from)) return rest;
  return { ...rest, edited: sha256(canonicalJson([digest, made?.from ?? null])) };
}
