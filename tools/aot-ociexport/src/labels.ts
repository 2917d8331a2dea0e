import { AotError } from '@apt-ostree/errors';
import type { CommitInfo } from '@apt-ostree/ostree';

export interface LabelOptions {
  /** Members of the commit's metadata that must be there, and that may be. */
  copymeta: readonly string[];
  'copymeta-opt': readonly string[];
}

/** rfc 3339, in UTC, to the second. */
export const dateOf = (commit: CommitInfo): string =>
  new Date(commit.timestamp * 1000).toISOString().replace('.000Z', 'Z');

/** The labels of an image, sorted: that bootc takes it, what it was made from, what is copied. */
export function labelsOf(commit: CommitInfo, options: LabelOptions): Record<string, string> {
  const { metadata, version } = commit;
  const inputHash = metadata['aptostree.inputhash'];
  return sorted({
    'containers.bootc': '1',
    'org.opencontainers.image.created': dateOf(commit),
    ...(version === undefined ? {} : { 'org.opencontainers.image.version': version }),
    ...(metadata['ostree.bootable'] === true ? { 'ostree.bootable': 'true' } : {}),
    ...(typeof metadata['ostree.linux'] === 'string' ? { 'ostree.linux': metadata['ostree.linux'] } : {}),
    ...(typeof inputHash === 'string' ? { 'io.github.apt-ostree.inputhash': inputHash } : {}),
    ...treefileLabels(metadata),
    ...copied(commit, options),
  });
}

/** KEY=VALUE words as a record. @throws AotError `usage` for other words */
export function assignments(words: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)];
      throw new AotError('usage', `option '${option}' cannot be '${word}'`, { hint: 'give KEY=VALUE' });
    }),
  );
}

export const sorted = (record: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The treefile that a commit was made from, as its metadata has it. */
export function treefileOf(metadata: Record<string, unknown>): Record<string, unknown> {
  const text = metadata['aptostree.treefile'];
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : {};
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Suite and time of the archive, where the treefile pins them. */
function treefileLabels(metadata: Record<string, unknown>): Record<string, string> {
  const { releasever } = treefileOf(metadata);
  return typeof releasever === 'string' || typeof releasever === 'number'
    ? { 'io.github.apt-ostree.suite': String(releasever) }
    : {};
}

function copied(commit: CommitInfo, options: LabelOptions): Record<string, string> {
  const rows = [
    ...options.copymeta.map((key) => [key, true] as const),
    ...options['copymeta-opt'].map((key) => [key, false] as const),
  ];
  return Object.fromEntries(rows.flatMap(([key, needed]) => copiedMember(commit, key, needed)));
}

function copiedMember({ metadata, checksum }: CommitInfo, key: string, needed: boolean): [string, string][] {
  const value = metadata[key];
  if (typeof value === 'string') return [[key, value]];
  if (!needed && value === undefined) return [];
  const why = value === undefined ? 'has no such member' : 'has it as something else than a string';
  throw new AotError('data', `cannot copy '${key}' to the labels: the metadata of '${checksum}' ${why}`);
}
