import type { Entry, ImportedPackage } from '@apt-ostree/dpkg';
import type { BareRepo } from '@apt-ostree/ostree';

interface Directory {
  metadata: { uid: number; gid: number; mode: number };
  files: Map<string, string>;
  dirs: Map<string, Directory>;
}

const newDirectory = (): Directory => ({
  metadata: { uid: 0, gid: 0, mode: 0o040755 },
  files: new Map(),
  dirs: new Map(),
});

/** Writes the trees and the commit of a package whose contents are stored. It has no time, so that it is always the same. */
export function commitPackage(repo: BareRepo, imported: ImportedPackage): string {
  const root = newDirectory();
  for (const entry of imported.entries) place(root, entry);
  const { tree, meta } = writeTree(repo, root);
  const subject = `${imported.name} ${imported.version} ${imported.architecture}`;
  return repo.commit({ subject, timestamp: 0, tree, meta });
}

function place(root: Directory, entry: Entry): void {
  const parts = entry.path.split('/');
  const last = entry.type === 'directory' ? parts.length : parts.length - 1;
  let at = root;
  for (let i = 0; i < last && entry.path !== ''; i++) {
    const name = parts[i] as string;
    const next = at.dirs.get(name) ?? newDirectory();
    at.dirs.set(name, next);
    at = next;
  }
  if (entry.type === 'directory') at.metadata = { uid: entry.uid, gid: entry.gid, mode: entry.mode };
  else at.files.set(parts[last] as string, entry.object);
}

function writeTree(repo: BareRepo, directory: Directory): { tree: string; meta: string } {
  const dirs = new Map([...directory.dirs].map(([name, sub]) => [name, writeTree(repo, sub)]));
  return { tree: repo.dirtree({ files: directory.files, dirs }), meta: repo.dirmeta(directory.metadata) };
}
