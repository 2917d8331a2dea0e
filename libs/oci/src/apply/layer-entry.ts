import type { Metadata, Xattr } from '@apt-ostree/ostree';

/** What one member of a layer does to the tree below it. Contents are objects of an OSTree repository. */
export type LayerEntry = { path: string } & (
  | { type: 'directory'; metadata: Metadata }
  | { type: 'file'; object: string; size: number }
  | { type: 'symlink'; object: string; target: string }
  /** The target is in this layer or in one below it. */
  | { type: 'hardlink'; target: string }
  /** Takes away what the layers below have at that path. */
  | { type: 'whiteout' }
  /** Takes away what the layers below have in that directory. */
  | { type: 'opaque' }
);

/** One line of JSON for each entry. */
export const formatListing = (entries: readonly LayerEntry[]): string =>
  entries.map((entry) => `${JSON.stringify(entry, bytesAsText)}\n`).join('');

export const parseListing = (text: string): LayerEntry[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line, textAsBytes) as LayerEntry);

/** Of an extended attribute. */
function bytesAsText(this: Record<string, unknown>, key: string, value: unknown): unknown {
  return key === 'xattrs' && Array.isArray(value)
    ? value.map(([name, bytes]: Xattr) => [name, Buffer.from(bytes).toString('base64')])
    : value;
}

const textAsBytes = (key: string, value: unknown): unknown =>
  key === 'xattrs' && Array.isArray(value)
    ? value.map(([name, text]: [string, string]) => [name, Buffer.from(text, 'base64')])
    : value;
