import { run } from '@apt-ostree/run';

export interface ListedEntry {
  /** `-`, `d` or `l`. */
  type: string;
  size: number;
  /** Of the object with the content; of a directory that of its listing. */
  checksum: string;
  path: string;
}

interface ListOptions {
  recursive?: boolean;
}

const LINE = /^(.)\d+ +\d+ +\d+ +(\d+) ([0-9a-f]{64})(?: [0-9a-f]{64})? (.+?)(?: -> .*)?$/;

/** Lists directories of a commit, with what is directly in them, or all below. */
export async function listCommit(
  repo: string,
  commit: string,
  paths: readonly string[],
  { recursive = false }: ListOptions = {},
): Promise<ListedEntry[]> {
  const args = ['ls', `--repo=${repo}`, '--checksum', ...(recursive ? ['--recursive'] : []), commit, ...paths];
  const { stdout } = await run('ostree', args);
  return stdout.split('\n').flatMap((line) => {
    const [, type = '', size = '', checksum = '', path = ''] = LINE.exec(line) ?? [];
    return type === '' ? [] : [{ type, size: Number(size), checksum, path }];
  });
}
