import * as z from 'zod/mini';
import { doc, RelativePath, Sha256 } from './common.ts';
import { packagesMembers } from './packages.ts';

export const ArchiveItem = z.looseObject({
  package: doc(z.string(), 'The package as name:architecture'),
  sha256: doc(Sha256, 'SHA-256 of the .deb'),
  file: doc(z.optional(RelativePath), 'The verified .deb, below the cache directory'),
  imported: doc(z.optional(Sha256), 'The commit it was imported as, where it was there already'),
});
export type ArchiveItem = z.infer<typeof ArchiveItem>;

/** aot.archives/v1: every package is here, verified, or imported already. */
export const ArchivesManifest = z.looseObject({
  kind: z.literal('aot.archives/v1'),
  ...packagesMembers,
  archives: doc(z.array(ArchiveItem), 'One item for every package, in the order of packages'),
});
export type ArchivesManifest = z.infer<typeof ArchivesManifest>;
