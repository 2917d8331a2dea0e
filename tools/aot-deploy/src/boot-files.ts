import { AotError } from '@apt-ostree/errors';
import { openTree } from '@apt-ostree/ostree';
import { listCommit } from './list-commit.ts';

/** A file that libostree copies to /boot. */
export interface BootFile {
  name: string;
  size: number;
  checksum: string;
}

const MODULES = '/usr/lib/modules';
const NAMES = ['vmlinuz', 'initramfs.img', 'devicetree'];

/**
 * What a commit boots with.
 * @throws AotError `data` when it has no kernel
 */
export async function bootFiles(repo: string, commit: string): Promise<BootFile[]> {
  const directories = openTree(repo, commit)
    .list(MODULES)
    .map((name) => `${MODULES}/${name}`);
  const entries = directories.length === 0 ? [] : await listCommit(repo, commit, directories);
  const files = entries.flatMap(({ type, path, size, checksum }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return type === '-' && NAMES.includes(name) ? [{ name, size, checksum }] : [];
  });
  if (files.some((f) => f.name === 'vmlinuz')) return files;
  throw new AotError('data', `cannot deploy '${commit}': it has no kernel in ${MODULES}`, {
    code: 'no-kernel',
    hint: "the treefile's packages must contain a kernel, and 'boot-location' must not be 'none'",
  });
}
