import type { Entry } from '@apt-ostree/ostree';
import table from './data/var.json' with { type: 'json' };
import { type InTree, type Keep, nothing } from './in-tree.ts';
import type { Tmpfiles } from './tmpfiles.ts';

/** Where the files are that systemd-tmpfiles copies to /var with a `C` line: tmpfiles.d(5). */
const FACTORY = 'usr/share/factory';

type Action = 'keep' | 'drop' | 'drop-files';

const exact = new Map(table.filter((r) => !r.path.endsWith('/**')).map((r) => [r.path, r.action as Action]));
const below = new Map(
  table.filter((r) => r.path.endsWith('/**')).map((r) => [r.path.slice(0, -3), r.action as Action]),
);

/**
 * Empties /var: it belongs to the machine and is not updated. Directories and links become tmpfiles lines, regular files
 * go to /usr/share/factory with a line that copies them once; the table says what is dropped instead.
 */
export function emptyVar({ tree }: InTree, tmpfiles: Tmpfiles, kept: Keep = nothing): void {
  const dropped: string[] = [];
  for (const entry of tree.walk('var')) {
    if (dropped.some((d) => entry.path.startsWith(`${d}/`)) || tmpfiles.isForced(`/${entry.path}`)) continue;
    if (kept(entry.path)) continue;
    const rule = ruleOf(entry.path);
    if (rule === 'drop') dropped.push(entry.path);
    else if (!(rule === 'drop-files' && entry.stat.isFile())) keep(entry);
  }

  function keep({ path, stat }: Entry): void {
    if (stat.isDirectory()) tmpfiles.directory(`/${path}`, stat);
    else if (stat.isSymbolicLink()) tmpfiles.link(`/${path}`, tree.readLink(path));
    else if (!tmpfiles.declares(`/${path}`)) {
      tree.rename(path, `${FACTORY}/${path}`);
      tmpfiles.copy(`/${path}`, stat);
    }
  }
}

/** The row with that very path, or the nearest one that means everything below a parent. */
export function ruleOf(path: string): Action | undefined {
  const own = exact.get(path);
  if (own !== undefined) return own;
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const rule = below.get(path.slice(0, at));
    if (rule !== undefined) return rule;
  }
  return undefined;
}
