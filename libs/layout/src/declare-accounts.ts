import { accounts, byBytes, type Group, type Tree, type User } from '@apt-ostree/ostree';
import type { InTree } from './in-tree.ts';

const FILE = 'usr/lib/sysusers.d/aot.conf';

/**
 * Declares every user and group that no sysusers.d(5) line of a package declares, with the number it has here, so that
 * a machine whose /etc/passwd lacks one gets it with the number that files in /usr are owned by.
 */
export function declareAccounts({ tree }: InTree): void {
  tree.remove(FILE);
  const { users, groups } = accounts(tree);
  const declared = declarations(tree);
  const newGroups = groups.filter((g) => !declared.groups.has(g.name));
  const newUsers = users.filter((u) => !declared.users.has(u.name));
  const lines = [...accountLines(newUsers, newGroups), ...memberships(newGroups)];
  if (lines.length > 0) tree.write(FILE, lines.map((line) => `${line}\n`).join(''));
}

/** A sysusers.d(5) line for each, groups first. */
export const accountLines = (users: readonly User[], groups: readonly Group[]): string[] => [
  ...[...groups].sort((a, b) => byBytes(a.name, b.name)).map(groupLine),
  ...[...users].sort((a, b) => byBytes(a.name, b.name)).map(userLine),
];

/** Names that lines in /usr/lib/sysusers.d declare; a `u` line makes the group of that name too. */
function declarations(tree: Tree): { users: Set<string>; groups: Set<string> } {
  const users = new Set<string>();
  const groups = new Set<string>();
  for (const name of tree.list('usr/lib/sysusers.d').filter((n) => n.endsWith('.conf'))) {
    for (const line of (tree.readText(`usr/lib/sysusers.d/${name}`) ?? '').split('\n')) {
      const [type, account] = line.trim().split(/\s+/);
      if (account === undefined) continue;
      if (type === 'u' || type === 'u!') users.add(account);
      if (type === 'u' || type === 'u!' || type === 'g') groups.add(account);
    }
  }
  return { users, groups };
}

const groupLine = (g: Group): string => `g ${g.name} ${g.gid}`;

const userLine = (u: User): string =>
  `u ${u.name} ${u.uid}:${u.gid} ${quoted(u.gecos)} ${u.home === '' ? '-' : u.home} ${u.shell === '' ? '-' : u.shell}`;

const memberships = (groups: readonly Group[]): string[] =>
  groups.flatMap((g) => g.members.map((user) => `m ${user} ${g.name}`)).sort(byBytes);

const quoted = (text: string): string => (text === '' ? '-' : `"${text.replaceAll('"', "'").replaceAll('%', '%%')}"`);
