import { existsSync, lstatSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { cannotWrite } from '@apt-ostree/ostree';
import { makeDirectories, sweep, temporaryDirectory } from '@apt-ostree/run';

export interface Target {
  /** Where the tree is to be built, beside its place; not there yet. */
  path: string;
  /** Puts the tree into its place; what we made there before goes. */
  publish(): void;
  close(): Promise<void>;
}

/**
 * Prepares the place of a tree. An earlier tree of ours is replaced once the new one is whole; anything else that is
 * there is left alone.
 * @throws AotError `cannotCreate` when the place is taken or cannot be written, `busy` when something is mounted in it
 */
export async function openTarget(rootfs: string): Promise<Target> {
  try {
    makeDirectories(dirname(rootfs), { what: `cannot make a tree at '${rootfs}'` });
    checkFree(rootfs);
    await sweep(dirname(rootfs));
    const temporary = await temporaryDirectory(dirname(rootfs));
    const path = join(temporary.path, 'rootfs');
    return {
      path,
      publish: () => replace(path, rootfs, join(temporary.path, 'old')),
      close: () => temporary.remove(),
    };
  } catch (error) {
    throw cannotWrite(error, `cannot make a tree at '${rootfs}'`);
  }
}

function checkFree(rootfs: string): void {
  if (!existsSync(rootfs)) return;
  const isDirectory = lstatSync(rootfs).isDirectory();
  if (isDirectory && (readdirSync(rootfs).length === 0 || isOurs(rootfs))) {
    checkMounts(rootfs);
    return;
  }
  const what = isDirectory ? 'there is something else in it' : 'it is no directory';
  throw new AotError('cannotCreate', `cannot make a tree at '${rootfs}': ${what}`, {
    hint: 'give another directory, or empty it',
  });
}

/** Removing a tree with a mount in it would remove what is mounted. */
function checkMounts(rootfs: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, o) => String.fromCharCode(Number.parseInt(o, 8))),
    );
  const inside = mounts.find((m) => m === rootfs || m.startsWith(`${rootfs}/`));
  if (inside === undefined) return;
  throw new AotError('busy', `cannot replace the tree at '${rootfs}': '${inside}' is mounted`, {
    hint: 'unmount it, then run the command again',
  });
}

function replace(path: string, rootfs: string, old: string): void {
  try {
    if (existsSync(rootfs)) renameSync(rootfs, old);
    writeFileSync(markOf(rootfs), identity(path));
    renameSync(path, rootfs);
  } catch (error) {
    throw cannotWrite(error, `cannot make a tree at '${rootfs}'`);
  }
}

/** A file beside the tree says which directory we made: nothing of ours is in the tree itself. */
const markOf = (rootfs: string): string => join(dirname(rootfs), `.${basename(rootfs)}.aot-rootfs`);

function isOurs(rootfs: string): boolean {
  const mark = markOf(rootfs);
  return existsSync(mark) && readFileSync(mark, 'utf8') === identity(rootfs);
}

function identity(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev} ${ino}\n`;
}
