import { chmodSync, existsSync, lchownSync, renameSync, utimesSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { type DirectoryNode, extendedStates, Union, unpackedStanza } from '@apt-ostree/dpkg';
import type { ArchivesManifest, LayerBase } from '@apt-ostree/manifest';
import { type BareRepo, Tree } from '@apt-ostree/ostree';
import { span } from '@apt-ostree/run';
import { shortenedList } from '../assemble.ts';
import { makeLeaf } from '../materialise.ts';
import type { Member } from '../member.ts';
import { checkOut } from './check-out.ts';
import { leftToDpkg } from './left-to-dpkg.ts';
import { refusePlaces } from './refuse-places.ts';
import { restoreRoot } from './restore-root.ts';
import { updateTriggers } from './triggers.ts';

const ADMINDIR = 'var/lib/dpkg';

interface Places {
  /** Where the tree is to be. */
  path: string;
  /** Where the base is checked out, if it is: it is moved. */
  baseTree: string | undefined;
}

/**
 * Makes the tree of a base with new packages unpacked over it, and dpkg's database to it.
 * @returns the packages, with those that are left to dpkg marked
 */
export async function assembleOnBase(
  manifest: ArchivesManifest & { base: LayerBase },
  members: readonly Member[],
  repo: BareRepo,
  { path, baseTree }: Places,
  context: Context,
): Promise<Member[]> {
  refusePlaces(members);
  if (baseTree !== undefined && existsSync(baseTree)) renameSync(baseTree, path);
  else await checkOut(repo, manifest.base.commit, path, context.signal);
  const tree = new Tree(path);
  return span('phase', 'assemble', async () => {
    restoreRoot(tree);
    const settled = leftToDpkg(members, tree);
    unpackOver(
      tree,
      settled.filter((m) => !m.leftOver),
      repo,
      manifest,
    );
    return settled;
  });
}

function unpackOver(tree: Tree, ours: readonly Member[], repo: BareRepo, manifest: ArchivesManifest): void {
  const union = new Union();
  for (const { claimant, record } of ours) union.add(claimant, record.entries);
  put(tree, union.root, '', repo);
  for (const member of ours) for (const [path, text] of shortenedList(member, union, repo)) tree.write(path, text);
  updateTriggers(tree, ours, repo);
  const stanzas = ours.map((m) => unpackedStanza(m.record, union.replaced(m.claimant)));
  append(tree, `${ADMINDIR}/status`, stanzas.map((stanza) => `\n${stanza}`).join(''));
  const automatic = manifest.packages.filter((p) => p.automatic);
  append(tree, 'var/lib/apt/extended_states', extendedStates(automatic, manifest.architecture));
  const architectures = [manifest.architecture, ...manifest.foreignArchitectures];
  tree.write(`${ADMINDIR}/arch`, architectures.map((a) => `${a}\n`).join(''));
}

/** What is there is a link to an object of the repository, so it is never written to. */
function append(tree: Tree, path: string, text: string): void {
  if (text !== '') tree.write(path, (tree.readText(path) ?? '') + text);
}

/** Directories that are there stay as they are, as with dpkg; nothing else is there, or dpkg would unpack the package. */
function put(tree: Tree, node: DirectoryNode, at: string, repo: BareRepo): void {
  for (const [name, child] of node.children) {
    const path = tree.canonical(at === '' ? name : `${at}/${name}`);
    if (child.type === 'directory') {
      const place = tree.followed(path);
      if (!tree.isDirectory(place)) makeDirectory(tree, place, child);
      put(tree, child, place, repo);
    } else makeLeaf(repo, child.entry, tree.at(path));
  }
}

function makeDirectory(tree: Tree, path: string, { uid, gid, mode }: DirectoryNode): void {
  tree.mkdir(path);
  const place = tree.at(path);
  lchownSync(place, uid, gid);
  chmodSync(place, mode & 0o7777);
  utimesSync(place, 0, 0);
}
