import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { givenEpoch } from '@apt-ostree/manifest';
import { type BareRepo, type DirtreeContent, decodeCommit, decodeDirtree, ostree } from '@apt-ostree/ostree';
import { namesIn, replaceFile } from '@apt-ostree/run';

/** Mount points of a running system: what is in them belongs to nobody. */
const EMPTY = ['dev', 'proc', 'run', 'sys', 'tmp'];
const STATUS = ['usr/lib/sysimage/dpkg/status', 'var/lib/dpkg/status'];

/**
 * Commits a root file system as it is.
 * @param deployable have its /etc as /usr/etc, as deployments want it
 * @returns the commit's checksum
 */
export async function commitRootfs(repo: BareRepo, rootfs: string, deployable: boolean): Promise<string> {
  const timestamp = timeOf(rootfs);
  const skipped = join(repo.path, 'tmp', 'skip-list');
  writeSkipList(skipped, rootfs);
  const args = [`--tree=dir=${rootfs}`, `--skip-list=${skipped}`, '--fsync=false', '--orphan'];
  const made = await ostree(
    repo.path,
    ['commit', ...args, `--timestamp=@${timestamp}`],
    `cannot commit the tree '${rootfs}'`,
  );
  return deployable ? withUsrEtc(repo, made.trim(), timestamp) : made.trim();
}

/** SOURCE_DATE_EPOCH, or when packages changed last. */
function timeOf(rootfs: string): number {
  const epoch = givenEpoch();
  if (epoch !== undefined) return epoch;
  for (const path of STATUS) {
    const stat = statSync(join(rootfs, path), { throwIfNoEntry: false });
    if (stat !== undefined) return Math.floor(stat.mtimeMs / 1000);
  }
  throw new AotError('noInput', `cannot use '${rootfs}': it has no dpkg database`, {
    hint: 'give the root of a Debian system',
  });
}

function writeSkipList(file: string, rootfs: string): void {
  const paths = EMPTY.flatMap((name) => namesIn(join(rootfs, name)).map((entry) => `/${name}/${entry}\n`));
  replaceFile(file, paths.join(''));
}

/** The same commit with /etc below /usr; nothing is copied. */
function withUsrEtc(repo: BareRepo, commit: string, timestamp: number): string {
  const { tree, meta } = decodeCommit(readFileSync(repo.objectPath(commit, 'commit')));
  const root = readTree(repo, tree);
  const [etc, usr] = [root.dirs.get('etc'), root.dirs.get('usr')];
  if (etc === undefined || usr === undefined) return commit;
  const below = readTree(repo, usr.tree);
  if (below.dirs.has('etc') || below.files.has('etc'))
    throw new AotError('data', "cannot commit the tree: it has both '/etc' and '/usr/etc'");
  const usrTree = repo.dirtree({ files: below.files, dirs: new Map([...below.dirs, ['etc', etc]]) });
  const dirs = new Map([...root.dirs, ['usr', { tree: usrTree, meta: usr.meta }]]);
  dirs.delete('etc');
  return repo.commit({ subject: '', timestamp, tree: repo.dirtree({ files: root.files, dirs }), meta });
}

const readTree = (repo: BareRepo, tree: string): DirtreeContent =>
  decodeDirtree(readFileSync(repo.objectPath(tree, 'dirtree')));
