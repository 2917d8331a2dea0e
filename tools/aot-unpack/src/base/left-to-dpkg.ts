import { INFO, mergedPath, parseStatus } from '@apt-ostree/dpkg';
import { packageId } from '@apt-ostree/manifest';
import type { Tree } from '@apt-ostree/ostree';
import type { Member } from '../member.ts';

/**
 * Says which packages dpkg itself has to unpack over a base: besides those with a preinst, any that meets something there,
 * be it a file, an older version, a diversion or an override of owner and mode. So conflicts are decided, and named, by dpkg.
 */
export function leftToDpkg(members: readonly Member[], tree: Tree): Member[] {
  const special = specialPaths(tree);
  const installed = new Set(
    parseStatus(tree.readText('var/lib/dpkg/status') ?? '').map((s) =>
      packageId({ name: s.get('Package') ?? '', architecture: s.get('Architecture') ?? '' }),
    ),
  );
  const isThere = (member: Member) =>
    installed.has(packageId(member.item)) ||
    installed.has(`${member.item.name}:all`) ||
    member.record.entries.some((e) => meets(e, tree, special));
  return members.map((member) => ({ ...member, leftOver: member.leftOver || isThere(member) }));
}

function meets(entry: Member['record']['entries'][number], tree: Tree, special: ReadonlySet<string>): boolean {
  const path = entry.path.replace(/\.dpkg-new$/, '');
  if (special.has(path)) return true;
  if (path === '' || path.startsWith(`${INFO}/`)) return false;
  return tree.exists(path) && (entry.type !== 'directory' || !tree.isDirectory(tree.followed(path)));
}

/** Paths that dpkg diverts, or gives another owner or mode, with /usr merged. */
function specialPaths(tree: Tree): Set<string> {
  const lines = (name: string) => (tree.readText(`var/lib/dpkg/${name}`) ?? '').split('\n').filter(Boolean);
  const overridden = lines('statoverride').map((line) => line.split(' ').slice(3).join(' '));
  const diverted = lines('diversions').filter((line) => line.startsWith('/'));
  return new Set([...overridden, ...diverted].map((path) => mergedPath(path.slice(1))));
}
