import { layeredOn } from '@apt-ostree/manifest';
import { accounts, byBytes, type Group, parseGroup, parsePasswd, type Tree, type User } from '@apt-ostree/ostree';
import type { Layout } from '../layout.ts';

const FILE = 'usr/lib/sysusers.d/aot.conf';

const OF_LAYER = 'usr/lib/sysusers.d/00-aot-layer.conf';

/**
 * Declares every user and group that no sysusers.d(5) line of a package declares, with the number it has here, so that
 * a machine whose /etc/passwd lacks one gets it with the number that files in /usr are owned by.
 */
export async function sysusers(layout: Layout): Promise<void> {
  const { tree } = layout;
  tree.remove(FILE);
  const { users, groups } = accounts(tree);
  if (layeredOn(layout.manifest) !== undefined) await ofLayer(layout, users, groups);
  const declared = declarations(tree);
  const newGroups = groups.filter((g) => !declared.groups.has(g.name));
  const newUsers = users.filter((u) => !declared.users.has(u.name));
  const lines = [
    ...[...newGroups].sort((a, b) => byBytes(a.name, b.name)).map(groupLine),
    ...[...newUsers].sort((a, b) => byBytes(a.name, b.name)).map(userLine),
    ...memberships(newGroups),
  ];
  if (lines.length > 0) tree.write(FILE, lines.map((line) => `${line}\n`).join(''));
}

/**
 * Accounts that a layer adds are declared once more with their numbers, in a file that is read before those of packages:
 * where /etc/passwd was edited on the machine, they get those numbers too. See sysusers.d(5): the first line counts.
 */
async function ofLayer({ tree, readParent }: Layout, users: readonly User[], groups: readonly Group[]): Promise<void> {
  const before = {
    users: new Set(parsePasswd((await readParent('usr/etc/passwd')) ?? '').map((u) => u.name)),
    groups: new Set(parseGroup((await readParent('usr/etc/group')) ?? '').map((g) => g.name)),
  };
  const newGroups = groups.filter((g) => !before.groups.has(g.name));
  const newUsers = users.filter((u) => !before.users.has(u.name));
  const lines = [
    ...[...newGroups].sort((a, b) => byBytes(a.name, b.name)).map(groupLine),
    ...[...newUsers].sort((a, b) => byBytes(a.name, b.name)).map(userLine),
  ];
  if (lines.length > 0) tree.write(OF_LAYER, lines.map((line) => `${line}\n`).join(''));
}

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
