import { AotError, isAotError } from '@apt-ostree/errors';
import { type LayerBase, sha256 } from '@apt-ostree/manifest';
import { openTree, ostree, readCommit } from '@apt-ostree/ostree';
import { metadataString, revision } from './repository.ts';

/** The commit that the new one follows, and what is asked of it. */
export interface Parent {
  commit: string;
  contentChecksum: string;
  /** Its own parent. */
  parent: string | undefined;
  timestamp: number;
  version: string | undefined;
  inputHash: string | undefined;
}

/**
 * Finds the parent: what --parent names, or what the ref names now; undefined for a first commit and with --no-parent.
 * @throws AotError `usage` for both options, `noInput` for a --parent that the repository lacks
 */
export async function parentOf(
  repo: string,
  ref: string | undefined,
  args: { parent: string | undefined; 'no-parent': boolean },
): Promise<Parent | undefined> {
  if (args.parent !== undefined && args['no-parent'])
    throw new AotError('usage', "options '--parent' and '--no-parent' exclude each other");
  const rev = args.parent ?? ref;
  if (args['no-parent'] || rev === undefined) return undefined;
  const commit = await revision(repo, rev);
  if (commit !== undefined) return read(repo, commit);
  if (args.parent === undefined) return undefined;
  throw new AotError('noInput', `cannot find parent '${rev}' in repository '${repo}'`, {
    hint: `list its refs with 'ostree refs --repo=${repo}'`,
  });
}

async function read(repo: string, commit: string): Promise<Parent> {
  const what = `cannot read commit '${commit}' of repository '${repo}'`;
  const text = await ostree(repo, ['show', commit], what).catch((error) => {
    throw unreadable(error, repo);
  });
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(text)?.[1];
  return {
    commit,
    contentChecksum: field('ContentChecksum') as string,
    parent: field('Parent'),
    timestamp: Math.round(Date.parse((field('Date') as string).replace(/ ([+-]\d{4})$/, '$1')) / 1000),
    version: await metadataString(repo, commit, 'version'),
    inputHash: await metadataString(repo, commit, 'aptostree.inputhash'),
  };
}

const unreadable = (error: unknown, repo: string): unknown =>
  isAotError(error) && error.code === 'command-failed'
    ? new AotError('data', error.message, {
        hint: `look at the repository with 'ostree fsck --repo=${repo}', or begin anew with --no-parent`,
        code: 'broken-repository',
        cause: error,
      })
    : error;

/** What a layer follows: its base, which is in the package cache. */
export function readBase(cache: string, { commit }: LayerBase): Parent {
  const { parent, timestamp, version, metadata } = readCommit(cache, commit);
  const { tree, meta } = openTree(cache, commit).root;
  const inputHash = metadata['aptostree.inputhash'];
  return {
    ...{ commit, parent, timestamp, version },
    contentChecksum: sha256(Buffer.from(tree + meta, 'hex')),
    inputHash: typeof inputHash === 'string' ? inputHash : undefined,
  };
}
