import { AotError } from '@apt-ostree/errors';
import { type ImageTree, newDirectory, type TreeDirectory } from '@apt-ostree/oci';

/** What a running system mounts over: images have the directories only. */
const MOUNTED = ['dev', 'proc', 'run', 'sys', 'tmp'];
/** Where container engines mount files of their own, they leave empty ones in the image. */
const MOUNT_POINTS = ['etc/hostname', 'etc/resolv.conf'];

/**
 * Makes the root file system of an image what OSTree deploys.
 * @throws AotError `data` where it has both /etc and /usr/etc
 */
export function asDeployed(tree: ImageTree): void {
  const { children } = tree.root;
  for (const name of MOUNTED) directory(tree.root, name)?.children.clear();
  directory(tree.root, 'sysroot')?.children.delete('ostree');
  for (const path of MOUNT_POINTS) removeEmpty(tree, path);
  const etc = children.get('etc');
  if (etc === undefined) return;
  const usr = directory(tree.root, 'usr') ?? newDirectory();
  if (etc.type !== 'directory' || usr.children.has('etc'))
    throw new AotError(
      'data',
      etc.type === 'directory'
        ? 'cannot use the image: it has both /etc and /usr/etc'
        : 'cannot use the image: its /etc is no directory',
    );
  children.set('usr', usr);
  children.delete('etc');
  usr.children.set('etc', etc);
}

/** The reverse, for layers over a commit: they know /etc only. */
export function asContainer(tree: ImageTree): void {
  const usr = directory(tree.root, 'usr');
  const etc = usr?.children.get('etc');
  if (usr === undefined || etc === undefined) return;
  usr.children.delete('etc');
  tree.root.children.set('etc', etc);
}

function directory(parent: TreeDirectory, name: string): TreeDirectory | undefined {
  const node = parent.children.get(name);
  return node?.type === 'directory' ? node : undefined;
}

function removeEmpty(tree: ImageTree, path: string): void {
  const [parent, name] = path.split('/') as [string, string];
  const node = tree.at(path);
  if (node?.type === 'file' && node.size === 0) directory(tree.root, parent)?.children.delete(name);
}
