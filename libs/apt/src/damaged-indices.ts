import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { releaseFiles } from './index-files.ts';
import type { AptRoot } from './private-root.ts';
import { rootPaths } from './root-config.ts';

/**
 * apt verifies an index when it fetches it, and believes it ever after. One that was cut since, as by a power failure, would
 * give another solution without a word, so indices that are not what their Release file says are removed.
 * @returns whether there were any: then the indices have to be brought up to date again
 */
export function dropDamagedIndices(root: AptRoot): boolean {
  const releases = releaseFiles(root).map((file) => ({
    prefix: basename(file).replace(/(In)?Release$/, ''),
    text: readFileSync(file, 'utf8'),
  }));
  const vouched = (name: string): boolean => {
    const fits = releases.filter((r) => name.startsWith(r.prefix)).sort((a, b) => b.prefix.length - a.prefix.length);
    const text = fits[0]?.text ?? '';
    return !/^SHA256:/m.test(text) || text.includes(sha256(readFileSync(join(root.lists, name))));
  };
  const damaged = readdirSync(root.lists).filter((name) => /_Packages$/.test(name) && !vouched(name));
  for (const name of damaged) rmSync(join(root.lists, name));
  if (damaged.length > 0) rmSync(rootPaths(root.path).complete, { force: true });
  return damaged.length > 0;
}
