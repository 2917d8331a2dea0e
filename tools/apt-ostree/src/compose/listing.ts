import { run } from '@apt-ostree/run';

/**
 * What a commit holds, by path: mode, owner and checksum of each entry. A directory's line has the checksum of its own
 * metadata, not of what is in it.
 */
export async function listing(repo: string, commit: string): Promise<Map<string, string>> {
  const args = ['ls', `--repo=${repo}`, '--recursive', '--checksum', commit];
  const { stdout } = await run('ostree', args, { what: `cannot list commit '${commit}'` });
  return parseListing(stdout);
}

const LINE = /^([a-z-])(\d+) +(\d+) +(\d+) +\d+ ((?:[0-9a-f]{64} ?)+)(\/.*)$/;

/** Reads the output of `ostree ls --recursive --checksum`. */
export function parseListing(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, type, mode, uid, gid, sums, name = ''] = LINE.exec(line) ?? [];
      if (type === undefined || sums === undefined) return [];
      const path = type === 'l' ? (name.split(' -> ')[0] as string) : name;
      return [[path, [type, mode, uid, gid, sums.trim().split(' ').at(-1)].join(' ')]];
    }),
  );
}

/** The paths that only one of two listings has, or that differ, in byte order. */
export function differences(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path)).sort();
}
