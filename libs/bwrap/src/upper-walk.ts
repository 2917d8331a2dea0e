import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { type Changes, noChanges } from './changes.ts';

/** What tells one state of a path from another. */
interface Seen {
  ino: number;
  ctimeMs: number;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** Of directories: their names; they are read again only after something came or went. */
  names?: Map<string, Seen>;
  /** It hides what the lower tree has. */
  whiteout: boolean;
  /** A copy that overlayfs made for somebody who then wrote nothing. */
  same: boolean;
}

/** What dpkg writes to, or takes a lock on, without making a new file. */
const IN_PLACE = new Set([
  ...['/var/lib/dpkg/lock', '/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/triggers/Lock'],
  ...['/var/log/dpkg.log', '/var/log/alternatives.log'],
]);

/**
 * Tells what changed in a tree under an overlay since the last look, from the upper directory alone. Directories whose
 * ctime stands still are not read again (overlayfs sets their mtime back when it copies a child up); files are compared by inode, ctime, size, mode and owner.
 */
export class UpperWalk {
  readonly #upper: string;
  readonly #lower: string;
  #root: Seen | undefined;
  #shallow = false;

  constructor(upper: string, lower: string) {
    this.#upper = upper;
    this.#lower = lower;
  }

  /**
   * Changes since the last look, each list sorted.
   * @param how `directories` skips files in directories whose entries stayed, apart from dpkg's few of IN_PLACE: enough for
   * dpkg itself, which as a rule writes a new file and renames it, and a fraction of the work
   */
  look(how: 'all' | 'directories' = 'all'): Changes {
    const changes = noChanges();
    this.#shallow = how === 'directories';
    this.#root = this.#visit('', this.#root, lstatSync(this.#upper), changes);
    changes.created.sort();
    changes.changed.sort();
    changes.removed.sort();
    return changes;
  }

  #visit(path: string, before: Seen | undefined, now: Stats, changes: Changes): Seen {
    const seen = this.#compare(path, before, now, changes);
    if (now.isDirectory()) seen.names = this.#children(path, before, now, changes);
    return seen;
  }

  #compare(path: string, before: Seen | undefined, now: Stats, changes: Changes): Seen {
    const { ino, ctimeMs, size, mode, uid, gid } = now;
    const whiteout = now.isCharacterDevice() && now.rdev === 0;
    const seen: Seen = { ino, ctimeMs, size, mode, uid, gid, whiteout, same: false };
    if (before === undefined) return this.#appeared(path, seen, now, changes);
    if (whiteout !== before.whiteout) (whiteout ? changes.removed : changes.created).push(path);
    else if (!whiteout && differs(before, now))
      changes.changed.push(path); // whiteouts are links to one inode
    else seen.same = before.same;
    return seen;
  }

  /** New in the upper directory: new in the tree, or a copy of what the lower tree has. */
  #appeared(path: string, seen: Seen, now: Stats, changes: Changes): Seen {
    const lower = lstatSync(this.#lower + path, { throwIfNoEntry: false });
    if (seen.whiteout) {
      if (lower) this.#removed(path, lower, changes);
    } else if (!lower) changes.created.push(path);
    else if (isCopy(lower, now)) seen.same = true;
    else changes.changed.push(path);
    return seen;
  }

  /** A path of the lower tree is gone, with all below it. */
  #removed(path: string, lower: Stats, changes: Changes): void {
    changes.removed.push(path);
    if (!lower.isDirectory()) return;
    for (const name of readdirSync(this.#lower + path)) {
      const child = `${path}/${name}`;
      this.#removed(child, lstatSync(this.#lower + child), changes);
    }
  }

  #children(path: string, before: Seen | undefined, now: Stats, changes: Changes): Map<string, Seen> {
    const old = before?.names;
    const still = old !== undefined && before?.ino === now.ino && before.ctimeMs === now.ctimeMs;
    const children = still ? old : new Map<string, Seen>();
    for (const name of still ? old.keys() : readdirSync(this.#upper + path)) {
      const known = old?.get(name);
      const child = `${path}/${name}`;
      if (still && this.#shallow && known?.names === undefined && !IN_PLACE.has(child)) continue;
      const stats = lstatSync(this.#upper + child, { throwIfNoEntry: false });
      if (stats) children.set(name, this.#visit(child, known, stats, changes));
      else if (name.includes('\ufffd')) throw notUtf8(child);
    }
    if (old && !still)
      for (const [name, seen] of old) if (!children.has(name)) this.#vanished(`${path}/${name}`, seen, changes);
    return children;
  }

  /** Gone from the upper directory: what was new is gone from the tree, what hid something hides it no more. */
  #vanished(path: string, seen: Seen, changes: Changes): void {
    if (seen.whiteout) return;
    for (const [name, child] of seen.names ?? []) this.#vanished(`${path}/${name}`, child, changes);
    changes.removed.push(path);
  }
}

/** A directory's size and ctime follow its entries, which are looked at by themselves. */
function differs(before: Seen, now: Stats): boolean {
  if (before.mode !== now.mode || before.uid !== now.uid || before.gid !== now.gid) return true;
  if (now.isDirectory()) return false;
  return before.ino !== now.ino || before.ctimeMs !== now.ctimeMs || before.size !== now.size;
}

/** overlayfs keeps mode, owner and mtime when it copies up. */
const isCopy = (lower: Stats, upper: Stats): boolean =>
  lower.mode === upper.mode &&
  lower.uid === upper.uid &&
  lower.gid === upper.gid &&
  (upper.isDirectory() || (lower.size === upper.size && lower.mtimeMs === upper.mtimeMs));

const notUtf8 = (path: string): AotError =>
  new AotError('data', `cannot use tree: the name of '${path}' is not UTF-8`, { code: 'file-name' });

/** True for what the kernel shows for a removed path. */
export const isWhiteout = (entry: Dirent, path: string): boolean =>
  entry.isCharacterDevice() && lstatSync(path).rdev === 0;
