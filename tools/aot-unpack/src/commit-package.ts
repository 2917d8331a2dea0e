import type { ImportedPackage } from '@apt-ostree/dpkg';
import type { BareRepo } from '@apt-ostree/ostree';

const ROOT = { uid: 0, gid: 0, mode: 0o040755 };

/**
 * Writes the commit of a package whose contents are stored. It holds them in one directory, each under its checksum: it
 * is there to keep them, and where they belong stands in the package's record. The true directories would be a quarter of
 * all objects of an import, and no tree consists of those of a single package. It has no time, so that it is always the
 * same.
 */
export function commitPackage(repo: BareRepo, imported: ImportedPackage): string {
  const objects = imported.entries.flatMap((entry) => (entry.type === 'directory' ? [] : [entry.object]));
  const tree = repo.dirtree({ files: new Map(objects.map((object) => [object, object])), dirs: new Map() });
  const subject = `${imported.name} ${imported.version} ${imported.architecture}`;
  return repo.commit({ subject, timestamp: 0, tree, meta: repo.dirmeta(ROOT) });
}
