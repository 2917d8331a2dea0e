import type { Entry } from '../deb/listing.ts';
import type { Claimant } from './replaces.ts';

export interface DirectoryNode {
  type: 'directory';
  parent: DirectoryNode | undefined;
  uid: number;
  gid: number;
  mode: number;
  children: Map<string, Node>;
}

/** A file or link, and who ships it: several only where Multi-Arch lets them share it. */
export interface LeafNode {
  type: 'file' | 'symlink';
  entry: Extract<Entry, { type: 'file' | 'symlink' }>;
  owners: Claimant[];
}

export type Node = DirectoryNode | LeafNode;

export const newDirectory = (parent: DirectoryNode | undefined, mode = 0o040755, uid = 0, gid = 0): DirectoryNode => ({
  type: 'directory',
  parent,
  uid,
  gid,
  mode,
  children: new Map(),
});
