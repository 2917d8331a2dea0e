import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import type { CpioEntry } from './cpio.ts';

/**
 * The canonical spelling of a path that is to be tracked.
 * @throws AotError `failed` for what is not below /etc
 */
export function trackedPath(text: string): string {
  const path = normalize(text).replace(/\/+$/, '');
  if (text.startsWith('/') && isBelow(path)) return path;
  throw new AotError('failed', `Path outside /etc forbidden: ${text}`, { code: 'outside-etc' });
}

const isBelow = (path: string): boolean => path.startsWith('/etc/');

/**
 * Reads files and directories of /etc, with the directories that lead there.
 * @param root the directory whose etc is read
 * @throws AotError `failed` for what is not there, or leads out of /etc
 */
export function readTracked(root: string, paths: readonly string[]): CpioEntry[] {
  const entries = new Map<string, CpioEntry>();
  for (const path of paths) {
    for (const parent of parents(path)) add(entries, root, parent, true);
    add(entries, root, path, false);
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** `/etc`, `/etc/a` for `/etc/a/b`. */
const parents = (path: string): string[] => {
  const above = dirname(path);
  return above === '/' ? [] : [...parents(above), above];
};

function add(entries: Map<string, CpioEntry>, root: string, path: string, onTheWay: boolean): void {
  const file = join(root, path);
  const stat = statOf(file, path);
  const { mode, uid, gid } = stat;
  const put = (content: Uint8Array) => entries.set(path, { path: path.slice(1), mode, uid, gid, content });
  if (stat.isDirectory()) {
    put(new Uint8Array(0));
    if (onTheWay) return;
    for (const name of read(path, () => readdirSync(file))) add(entries, root, join(path, name), false);
  } else if (onTheWay)
    throw cannot(path, 'it is no directory', 'a link on the way would lead elsewhere: name what it leads to');
  else if (stat.isFile()) put(read(path, () => readFileSync(file)));
  else if (stat.isSymbolicLink())
    put(
      Buffer.from(
        inside(
          path,
          read(path, () => readlinkSync(file)),
        ),
      ),
    );
  else throw cannot(path, 'it is neither a file nor a directory');
}

function statOf(file: string, path: string): Stats {
  const stat = read(path, () => lstatSync(file, { throwIfNoEntry: false }));
  if (stat !== undefined) return stat;
  throw cannot(path, 'it is not there', `'apt-ostree initramfs-etc --untrack ${path}' leaves it out`);
}

/** What a link leads to is in the initramfs only where it is below /etc too. */
function inside(path: string, target: string): string {
  if (isBelow(resolve(dirname(path), target))) return target;
  throw cannot(path, `it leads to '${target}', outside /etc`);
}

function read<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error, `cannot read '${path}'`);
  }
}

const cannot = (path: string, why: string, hint?: string): AotError =>
  new AotError('failed', `cannot put '${path}' into the initramfs: ${why}`, { code: 'not-trackable', hint });
