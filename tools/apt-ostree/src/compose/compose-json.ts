import { EXIT, isAotError } from '@apt-ostree/errors';
import { comparePackages, differenceRows, type Package } from '@apt-ostree/host';
import type { CommitManifest } from '@apt-ostree/manifest';
import { readCommit, resolveRevision } from '@apt-ostree/ostree';
import { replaceFile } from '@apt-ostree/run';

/** `--write-composejson-to`: rpm-ostree's keys, with `apt-ostree-` where it has its own name. */
export async function writeComposeJson(
  file: string,
  commit: CommitManifest,
  args: { repo?: string | undefined; 'previous-commit'?: string | undefined },
): Promise<void> {
  const previous = args['previous-commit'] ?? commit.parent ?? undefined;
  const before = previous && args.repo ? packagesOf(args.repo, previous) : undefined;
  const { stats } = commit;
  const document = {
    ...(stats === null
      ? {}
      : {
          'ostree-n-metadata-total': stats.metadataTotal,
          'ostree-n-metadata-written': stats.metadataWritten,
          'ostree-n-content-total': stats.contentTotal,
          'ostree-n-content-written': stats.contentWritten,
          'ostree-n-cache-hits': stats.cacheHits,
          'ostree-content-bytes-written': stats.contentBytesWritten,
        }),
    'ostree-commit': commit.commit,
    'ostree-content-checksum': commit.contentChecksum,
    ...(commit.version === null ? {} : { 'ostree-version': commit.version }),
    'ostree-timestamp': new Date(commit.timestamp * 1000).toISOString().replace('.000Z', 'Z'),
    'apt-ostree-inputhash': commit.inputHash,
    ...(commit.ref === null ? {} : { ref: commit.ref }),
    ...(before
      ? { pkgdiff: differenceRows(comparePackages<Package>(before, commit.packages, commit.architecture)) }
      : {}),
  };
  replaceFile(file, `${JSON.stringify(document, null, 2)}\n`);
}

/** Undefined where the commit is not in the repository, or lists none. */
function packagesOf(repo: string, revision: string): Package[] | undefined {
  try {
    return readCommit(repo, resolveRevision(repo, revision)).packages;
  } catch (error) {
    if (isAotError(error) && error.exit === EXIT.noInput) return undefined;
    throw error;
  }
}
