import type { CommitManifest } from '@apt-ostree/manifest';

/** What rpm-ostree prints instead of making a commit. */
export const UNCHANGED = 'No apparent changes since previous commit; use --force-nocache to override\n';

/** What rpm-ostree prints about a new commit: its statistics, and the ref or the checksum. */
export function commitReport(commit: CommitManifest, refLeftAlone: boolean): string {
  if (commit.unchanged) return UNCHANGED;
  const last =
    commit.ref === null || refLeftAlone ? `Wrote commit: ${commit.commit}` : `${commit.ref} => ${commit.commit}`;
  return [...statistics(commit), last].map((line) => `${line}\n`).join('');
}

function statistics({ stats }: CommitManifest): string[] {
  if (stats === null) return [];
  return [
    `Metadata Total: ${stats.metadataTotal}`,
    `Metadata Written: ${stats.metadataWritten}`,
    `Content Total: ${stats.contentTotal}`,
    `Content Written: ${stats.contentWritten}`,
    `Content Cache Hits: ${stats.cacheHits}`,
    `Content Bytes Written: ${stats.contentBytesWritten}`,
  ];
}
