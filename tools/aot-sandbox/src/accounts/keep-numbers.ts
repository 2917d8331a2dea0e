import { chmodSync, lchownSync, lstatSync } from 'node:fs';
import { accounts, Tree } from '@apt-ostree/ostree';
import type { KnownAccounts } from './known.ts';
import { renumber } from './renumber.ts';

/**
 * Gives the users and groups of a tree the numbers that they have on the machine, and their files with them: what is in /var
 * belongs to those numbers.
 */
export function keepNumbers(root: string, known: KnownAccounts): void {
  const tree = new Tree(root);
  const { users, groups } = accounts(tree);
  const uids = renumber(new Map(users.map((u) => [u.name, u.uid])), known.users);
  const gids = renumber(new Map(groups.map((g) => [g.name, g.gid])), known.groups);
  if (uids.size + gids.size === 0) return;
  edit(tree, 'etc/passwd', (fields) => {
    fields[2] = moved(fields[2], uids);
    fields[3] = moved(fields[3], gids);
  });
  edit(tree, 'etc/group', (fields) => {
    fields[2] = moved(fields[2], gids);
  });
  for (const { path, stat } of tree.walk('')) {
    const [uid, gid] = [uids.get(stat.uid) ?? stat.uid, gids.get(stat.gid) ?? stat.gid];
    if (uid !== stat.uid || gid !== stat.gid) own(`${root}/${path}`, uid, gid);
  }
}

const moved = (field: string | undefined, moves: ReadonlyMap<number, number>): string =>
  String(moves.get(Number(field)) ?? field);

function edit(tree: Tree, file: string, change: (fields: string[]) => void): void {
  const text = tree.readText(file);
  if (text === undefined) return;
  const lines = text.split('\n').map((line) => {
    const fields = line.split(':');
    if (fields.length > 3) change(fields);
    return fields.join(':');
  });
  tree.rewrite(file, lines.join('\n'));
}

/** The kernel takes set-id bits away from a file that changes hands. */
function own(path: string, uid: number, gid: number): void {
  const { mode } = lstatSync(path);
  lchownSync(path, uid, gid);
  if ((mode & 0o6000) !== 0) chmodSync(path, mode & 0o7777);
}
