import { AotError } from '@apt-ostree/errors';
import { comparePackages } from '@apt-ostree/host';
import { openTree, readCommit } from '@apt-ostree/ostree';
import type { TreeDifference } from './tree-difference.ts';

/**
 * Refuses to change what programs that run may use: packages that are replaced or go, and files of packages that change
 * although their package does not. Other files are made from all packages by triggers, and change with every new one.
 * @throws AotError `failed`
 */
export function refuseReplacement(repo: string, from: string, to: string, difference: TreeDifference): void {
  const [before, after] = [readCommit(repo, from).packages, readCommit(repo, to).packages];
  if (before !== undefined && after !== undefined) {
    const { upgraded, downgraded, removed } = comparePackages(before, after);
    refuse(
      'packages would be removed',
      removed.map((p) => p.name),
    );
    refuse(
      'packages would be changed',
      [...upgraded, ...downgraded].map((p) => p.name),
    );
  }
  const owned = ownedFiles(repo, from);
  const concerned = [...difference.removed, ...difference.changed].filter((path) => owned === undefined || owned(path));
  refuse(
    'files of packages would be changed',
    concerned.map((path) => `/${path}`),
  );
}

function refuse(what: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const shown = names
    .slice(0, 10)
    .map((name) => `'${name}'`)
    .join(', ');
  throw new AotError('failed', `${what}: ${names.length}, allow replacement to override`, {
    code: 'would-replace',
    hint: `${shown}${names.length > 10 ? ', ...' : ''}; '--allow-replacement' does it, a reboot does it safely`,
  });
}

/** By dpkg's database; undefined where the commit has none. A directory is owned where something in it may be. */
function ownedFiles(repo: string, commit: string): ((path: string) => boolean) | undefined {
  const tree = openTree(repo, commit);
  const packages = readCommit(repo, commit).packages;
  if (packages === undefined) return undefined;
  const paths = new Set<string>();
  for (const { name, architecture } of packages) {
    const list = read(tree, `${name}.list`) ?? read(tree, `${name}:${architecture}.list`);
    for (const line of list?.split('\n') ?? [])
      paths.add(line.replace(/^\/(bin|sbin|lib\w*)(?=\/)/, '/usr/$1').slice(1));
  }
  return paths.size === 0 ? undefined : (path) => paths.has(path);
}

function read(tree: { read(path: string): Uint8Array | undefined }, name: string): string | undefined {
  const bytes = tree.read(`usr/lib/sysimage/dpkg/info/${name}`);
  return bytes && Buffer.from(bytes).toString('utf8');
}
