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
  /** What a path that the commit lacks is: an error unless said. */
  missing?: 'nothing';
}

const LINE = /^(.)\d+ +\d+ +\d+ +(\d+) ([0-9a-f]{64})(?: [0-9a-f]{64})? (.+?)(?: -> .*)?$/;

/** Lists directories of a commit, with what is directly in them, or all below. */
export async function listCommit(
  repo: string,
  commit: string,
  paths: readonly string[],
  { recursive = false, missing }: ListOptions = {},
): Promise<ListedEntry[]> {
  const args = ['ls', `--repo=${repo}`, '--checksum', ...(recursive ? ['--recursive'] : []), commit, ...paths];
  const { exitCode, stdout, stderr } = await run('ostree', args, { ok: missing === undefined ? [0] : [0, 1] });
  if (exitCode !== 0 && /No such file or directory/.test(stderr)) return [];
  return stdout.split('\n').flatMap((line) => {
    const [, type = '', size = '', checksum = '', path = ''] = LINE.exec(line) ?? [];
    return type === '' ? [] : [{ type, size: Number(size), checksum, path }];
  });
}
