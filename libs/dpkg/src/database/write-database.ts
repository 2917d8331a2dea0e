import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extendedStates, type Marked } from './extended-states.ts';

export interface Database {
  /** Stanzas of unpacked packages. */
  stanzas: readonly string[];
  /** The tree's architecture first, then foreign ones. */
  architectures: readonly [string, ...string[]];
  /** Packages that nobody asked for. */
  automatic: readonly Marked[];
  /** Contents of .list files that differ from what the package has, by path below the root. */
  lists: ReadonlyMap<string, string>;
}

/** Directories of dpkg's database that exist on every system (dpkg ships some of them itself). */
const DIRECTORIES = ['alternatives', 'info', 'parts', 'triggers', 'updates'];

/**
 * Writes dpkg's database, apart from the files of info/, which come with the packages, and apt's automatic marks. dpkg
 * rewrites status in its own order at its first change, and builds triggers/ anew when it finds it empty.
 */
export function writeDatabase(rootfs: string, database: Database): void {
  const admin = join(rootfs, 'var/lib/dpkg');
  for (const name of DIRECTORIES) mkdirSync(join(admin, name), { recursive: true, mode: 0o755 });
  const write = (path: string, text: string) => fresh(join(admin, path), text);
  write('status', database.stanzas.join('\n'));
  write('arch', database.architectures.map((a) => `${a}\n`).join(''));
  write('info/format', '1\n');
  for (const empty of ['available', 'diversions', 'statoverride']) write(empty, '');
  for (const [path, text] of database.lists) fresh(join(rootfs, path), text);
  mkdirSync(join(rootfs, 'var/lib/apt'), { recursive: true, mode: 0o755 });
  fresh(join(rootfs, 'var/lib/apt/extended_states'), extendedStates(database.automatic, database.architectures[0]));
}

/** Never through what is there: it may be linked to the package cache. */
function fresh(path: string, text: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
}
