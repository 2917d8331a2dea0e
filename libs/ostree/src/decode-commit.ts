import { AotError } from '@apt-ostree/errors';
import { bigEndian, readGvariant } from './read-gvariant.ts';

export interface DecodedCommit {
  /** Numbers in it are in the order of the machine that wrote them: little-endian. */
  metadata: Record<string, unknown>;
  parent: string | undefined;
  subject: string;
  body: string;
  /** Seconds since the epoch. */
  timestamp: number;
  /** Checksums of the root's dirtree and dirmeta. */
  tree: string;
  meta: string;
}

/**
 * Reads a commit object, `(a{sv}aya(say)sstayay)`.
 * @throws AotError `data` when it is none
 */
export function decodeCommit(object: Uint8Array): DecodedCommit {
  const [metadata, parent, , subject, body, timestamp, tree, meta] = readGvariant('(a{sv}aya(say)sstayay)', object) as [
    Record<string, unknown>,
    Uint8Array,
    unknown,
    string,
    string,
    number | bigint,
    Uint8Array,
    Uint8Array,
  ];
  if (tree.length !== 32 || meta.length !== 32) throw new AotError('data', 'cannot read a commit: it names no tree');
  return {
    metadata,
    parent: parent.length === 0 ? undefined : hex(parent),
    subject,
    body,
    timestamp: bigEndian(timestamp),
    tree: hex(tree),
    meta: hex(meta),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
