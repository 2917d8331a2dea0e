import { chmodSync, type Dirent, lchownSync, lstatSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs';
import { span } from '@apt-ostree/run';
import { markedWhile } from './half-applied.ts';
import { isWhiteout } from './upper-walk.ts';
import { copyXattrs, type OverlayMarks, readMarks, stripMarks } from './xattrs.ts';

/**
 * Makes `lower` what overlayfs showed of it under the upper directories, the oldest first. Whiteouts (character devices 0:0)
 * and opaque directories remove, files come by rename, so that a hardlinked file of the tree is replaced and never written;
 * the marks of overlayfs are stripped first. The overlays must be unmounted. No link of the tree is followed: every directory
 * is looked at before it is entered. See the kernel's documentation of overlayfs, "whiteouts and opaque directories".
 */
export async function applyUppers(uppers: readonly string[], lower: string): Promise<void> {
  await span('phase', 'apply upper', () =>
    markedWhile(lower, async () => {
      for (const upper of uppers) await applyUpper(upper, lower);
    }),
  );
}

async function applyUpper(upper: string, lower: string): Promise<void> {
  const marks = await readMarks(upper);
  await stripMarks(marks);
  applyDirectory(upper, lower, marks);
  await copyXattrs(marks, upper, lower);
}

function applyDirectory(from: string, to: string, marks: OverlayMarks): void {
  if (marks.opaque.has(from)) for (const name of readdirSync(to)) remove(`${to}/${name}`);
  for (const entry of readdirSync(from, { withFileTypes: true })) applyEntry(entry, from, to, marks);
  copyMetadata(lstatSync(from), to);
}

function applyEntry(entry: Dirent, from: string, to: string, marks: OverlayMarks): void {
  const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (isWhiteout(entry, source)) remove(target);
  else if (entry.isDirectory() && there?.isDirectory()) applyDirectory(source, target, marks);
  else move(source, target, entry, there);
}

/** rename(2) replaces a file by a file; everything else has to go first. */
function move(source: string, target: string, entry: Dirent, there: Stats | undefined): void {
  if (entry.isDirectory()) dropWhiteouts(source);
  if (there?.isDirectory() || (there && entry.isDirectory())) remove(target);
  renameSync(source, target);
}

/** Below a directory that is new as a whole, whiteouts have nothing left to hide. */
function dropWhiteouts(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) dropWhiteouts(path);
    else if (isWhiteout(entry, path)) remove(path);
  }
}

function copyMetadata(from: Stats, to: string): void {
  const there = lstatSync(to);
  const owner = from.uid !== there.uid || from.gid !== there.gid;
  if (owner) lchownSync(to, from.uid, from.gid);
  if (owner || from.mode !== there.mode) chmodSync(to, from.mode & 0o7777);
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true });
