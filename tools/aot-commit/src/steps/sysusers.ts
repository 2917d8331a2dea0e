import { accountLines, declareAccounts } from '@apt-ostree/layout';
import { accounts, parseGroup, parsePasswd } from '@apt-ostree/ostree';
import type { Layout } from '../layout.ts';

const OF_LAYER = 'usr/lib/sysusers.d/00-aot-layer.conf';

/** Declares the accounts of the tree. */
export async function sysusers(layout: Layout): Promise<void> {
  if (layout.manifest.base !== undefined) await ofLayer(layout);
  declareAccounts(layout);
}

/**
 * Accounts that a layer adds are declared once more with their numbers, in a file that is read before those of packages:
 * where /etc/passwd was edited on the machine, they get those numbers too. See sysusers.d(5): the first line counts.
 */
async function ofLayer({ tree, readParent }: Layout): Promise<void> {
  const { users, groups } = accounts(tree);
  const before = {
    users: new Set(parsePasswd((await readParent('usr/etc/passwd')) ?? '').map((u) => u.name)),
    groups: new Set(parseGroup((await readParent('usr/etc/group')) ?? '').map((g) => g.name)),
  };
  const lines = accountLines(
    users.filter((u) => !before.users.has(u.name)),
    groups.filter((g) => !before.groups.has(g.name)),
  );
  if (lines.length > 0) tree.write(OF_LAYER, lines.map((line) => `${line}\n`).join(''));
}
