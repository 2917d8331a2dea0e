import { dirname, join } from 'node:path';
import { readCommit } from '@apt-ostree/ostree';
import type { Deployment, Sysroot } from '../deployment.ts';
import { deploymentRoot, type EtcDifferences, etcDifferences } from './differences.ts';
import { committedTree, directoryTree, type EtcTree } from './tree.ts';

/** What a deployment of another tree would find in this one's /etc. Paths as in `/etc/hostname`, sorted. */
export interface EtcConflicts {
  /** Changed here, and otherwise by the new tree: the merge keeps what is here. */
  bothChanged: string[];
  /** What makes the merge, and with it the deployment, fail. */
  refused: { path: string; reason: string }[];
}

/** A tree that is checked out, or a commit in the sysroot's repository. */
export type NewTree = { directory: string } | { commit: string };

/**
 * Says what libostree's merge of /etc will do before it is begun: a staged deployment is merged at shutdown, when nobody
 * is there to read that it failed.
 */
export function etcConflicts(sysroot: Sysroot, current: Deployment, newTree: NewTree): EtcConflicts {
  const root = deploymentRoot(sysroot, current);
  const trees: Trees = {
    old: directoryTree(join(root, 'usr/etc')),
    now: directoryTree(join(root, 'etc')),
    next:
      'directory' in newTree ? directoryTree(join(newTree.directory, 'usr/etc')) : committed(sysroot, newTree.commit),
  };
  const differences = etcDifferences(sysroot, current);
  const changed = [...differences.added, ...differences.modified];
  return {
    bothChanged: [...changed, ...differences.removed].filter((path) => isBothChanged(below(path), trees)).sort(),
    refused: changed.sort().flatMap((path) => {
      const reason = refusal(below(path), trees, differences);
      return reason === undefined ? [] : [{ path, reason }];
    }),
  };
}

interface Trees {
  old: EtcTree;
  now: EtcTree;
  next: EtcTree;
}

const below = (path: string): string => path.slice('/etc/'.length);

const committed = ({ repo }: Sysroot, commit: string): EtcTree => committedTree(repo, readCommit(repo, commit).tree);

/** A directory that changed by itself only counts with its owner and mode; one that is no directory any more, with all. */
function isBothChanged(path: string, { old, now, next }: Trees): boolean {
  const isDirectory = old.look(path)?.kind === 'directory' && now.look(path)?.kind === 'directory';
  const id = (tree: EtcTree) => (isDirectory ? tree.look(path) : tree.whole(path))?.id;
  return id(old) !== id(next) && id(now) !== id(next);
}

/** The rules of libostree's merge_configuration_from. */
function refusal(path: string, { now, next }: Trees, differences: EtcDifferences): string | undefined {
  const here = now.look(path)?.kind;
  const there = next.look(path)?.kind;
  if (there === 'directory' && here !== 'directory') return 'the new tree has a directory there';
  const parent = parents(path).find((p) => next.look(p) !== undefined && next.look(p)?.kind !== 'directory');
  if (parent === undefined || isCopied(parent, differences) || leadsToDirectory(parent, next)) return undefined;
  return `the new tree has a ${next.look(parent)?.kind} at '/etc/${parent}'`;
}

/** The merge follows a link that stands for a directory; one that leads out of the tree would be the running system's. */
function leadsToDirectory(path: string, tree: EtcTree): boolean {
  if (tree.look(path)?.kind !== 'link') return false;
  const target = join('/', dirname(path), tree.target(path)).slice(1);
  return !tree.target(path).startsWith('/') && tree.look(target)?.kind === 'directory';
}

/** A directory that was added or modified here takes the place of what the new tree has. */
const isCopied = (path: string, { added, modified }: EtcDifferences): boolean =>
  added.includes(`/etc/${path}`) || modified.includes(`/etc/${path}`);

const parents = (path: string): string[] => {
  const names = path.split('/').slice(0, -1);
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
};
