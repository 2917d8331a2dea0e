import { join } from 'node:path';
import { type KeyFile, parseKeyFile } from '@apt-ostree/host';
import { namesIn, readText } from '@apt-ostree/run';

/** The keys of each remote of a sysroot's repository, from its configuration and from /etc/ostree/remotes.d: ostree.repo-config(5). */
export function readRemotes(repo: string): Map<string, KeyFile[string]> {
  const directory = join(repo, '../../etc/ostree/remotes.d');
  const parts = namesIn(directory).filter((name) => name.endsWith('.conf'));
  const remotes = new Map<string, KeyFile[string]>();
  for (const file of [join(repo, 'config'), ...parts.sort().map((name) => join(directory, name))]) {
    for (const [group, keys] of Object.entries(parseKeyFile(readText(file), file))) {
      const name = /^remote "(.+)"$/.exec(group)?.[1];
      if (name !== undefined && !remotes.has(name)) remotes.set(name, keys);
    }
  }
  return remotes;
}
