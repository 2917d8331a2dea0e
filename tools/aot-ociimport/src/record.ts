import { isWhole, keptImage, keptRefs, recordMetadata } from '@apt-ostree/oci';
import { checksum, encodeCommitObject, ostree } from '@apt-ostree/ostree';
import type { Staging } from './staging.ts';

/** Keeps which commit an image gave, in a commit without files. */
export function recordImage(staging: Staging, commit: string): void {
  const { repo, image } = staging;
  const root = {
    tree: repo.dirtree({ files: new Map(), dirs: new Map() }),
    meta: repo.dirmeta({ uid: 0, gid: 0, mode: 0o040755 }),
  };
  const metadata = recordMetadata(image, commit);
  const object = encodeCommitObject({ metadata, parent: undefined, timestamp: 0, root });
  repo.metadataObject(object, 'commit');
  staging.name(keptRefs.image(image.stored.digest), checksum(object));
}

/** The commit that an image gave before, where it is still here. */
export function knownImage(repo: string, digest: string): string | undefined {
  const commit = keptImage(repo, digest)?.commit;
  return commit !== undefined && isWhole(repo, commit) ? commit : undefined;
}

/** The last step, and the one that makes the commit seen. */
export async function nameCommit(repo: string, commit: string, ref: string | undefined): Promise<void> {
  if (ref !== undefined)
    await ostree(repo, ['refs', '--force', `--create=${ref}`, commit], `cannot update ref '${ref}'`);
}
