import { lstatSync, readlinkSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';
import type { TreeDirectory, TreeNode } from '@apt-ostree/oci';
import { decodeCommit, decodeDirtree, objectPath, readDirmeta, readObject } from '@apt-ostree/ostree';

/**
 * The tree of a commit, without the contents of its files.
 * @param repo of mode `bare`
 */
export function treeOfCommit(repo: string, commit: string): TreeDirectory {
  const { tree, meta } = decodeCommit(readObject(repo, commit, 'commit'));
  return directory(repo, tree, meta);
}

function directory(repo: string, tree: string, meta: string): TreeDirectory {
  const { files, dirs } = decodeDirtree(readObject(repo, tree, 'dirtree'));
  const children = new Map<string, TreeNode>();
  for (const [name, object] of files) children.set(name, leaf(repo, object));
  for (const [name, below] of dirs) children.set(name, directory(repo, below.tree, below.meta));
  return { type: 'directory', metadata: readDirmeta(repo, meta), children };
}

function leaf(repo: string, object: string): TreeNode {
  const path = objectPath(repo, object, 'file');
  try {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return { type: 'symlink', object, target: readlinkSync(path) };
    return { type: 'file', object, size: stat.size };
  } catch (error) {
    throw explain(error, `cannot read the object '${object}' in '${repo}'`);
  }
}
