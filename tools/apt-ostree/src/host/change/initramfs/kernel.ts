import { AotError } from '@apt-ostree/errors';
import { openTree } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';

const MODULES = '/usr/lib/modules';

export interface Initramfs {
  kver: string;
  /** In the commit. */
  path: string;
  bytes: Uint8Array;
}

/**
 * The initramfs of a commit.
 * @throws AotError `data` where it has none
 */
export async function initramfsOf(repo: string, commit: string): Promise<Initramfs> {
  const { stdout } = await run('ostree', ['ls', `--repo=${repo}`, '--nul-filenames-only', commit, MODULES], {
    what: `cannot read the kernel of commit '${commit}'`,
  });
  const tree = openTree(repo, commit);
  for (const directory of stdout.split('\0').filter((path) => path.startsWith(`${MODULES}/`))) {
    const path = `${directory}/initramfs.img`;
    const bytes = tree.read(path);
    if (bytes !== undefined) return { kver: directory.slice(MODULES.length + 1), path, bytes };
  }
  throw new AotError('data', `cannot change the initramfs of commit '${commit}': it has none`, {
    hint: "'no-initramfs' of the treefile leaves it out",
  });
}
