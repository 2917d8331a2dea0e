import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AotError, explain } from '@apt-ostree/errors';
import { inNamespace, run, sweep, type TemporaryDirectory, temporaryDirectory } from '@apt-ostree/run';
import { applyUpper } from './apply-upper.ts';
import { refuseHalfApplied } from './half-applied.ts';

/** A tree under an overlay: what is written at `merged` lands in `upper`, and `lower` stays as it is. */
export interface Overlay {
  lower: string;
  upper: string;
  merged: string;
  /** A directory in memory for the run: /run, /tmp, and what the sandbox is controlled with. */
  memory: string;
  /** A directory on disk beside them, for logs. */
  scratch: string;
  /** Unmounts, then makes the tree what `merged` was. */
  apply(): Promise<void>;
  /** Unmounts and forgets what was written. Does nothing after `apply`. */
  discard(): Promise<void>;
}

/**
 * Mounts an overlay over `rootfs`, whose files may be hardlinks into a repository and must never be written. Upper and
 * work directory are temporary, beside the tree and so on its file system, whence they can be applied by renaming.
 * `volatile`: the tree is scratch until it is committed, so nothing is synced (overlayfs documentation of the kernel).
 * @throws AotError `noInput` without a tree, `os` where the mount is refused
 */
export async function openOverlay(rootfs: string): Promise<Overlay> {
  if (!inNamespace()) throw new AotError('software', 'an overlay needs a mount namespace of our own');
  const lower = resolve(rootfs);
  refuseHalfApplied(lower);
  try {
    if (!statSync(lower).isDirectory()) throw new AotError('noInput', `cannot use tree '${rootfs}': not a directory`);
  } catch (error) {
    throw explain(error, `cannot use tree '${rootfs}'`);
  }
  await sweep(dirname(lower));
  const temporary = await temporaryDirectory(dirname(lower));
  try {
    return await mountAll(lower, temporary);
  } catch (error) {
    await temporary.remove();
    throw error;
  }
}

async function mountAll(lower: string, temporary: TemporaryDirectory): Promise<Overlay> {
  const [upper, work, merged, memory] = ['upper', 'work', 'merged', 'memory'].map((name) => {
    const path = join(temporary.path, name);
    mkdirSync(path);
    return path;
  }) as [string, string, string, string];
  await mount('overlay', overlayOptions(lower, upper, work), merged, lower);
  await mount('tmpfs', 'mode=0755', memory, lower);
  makeMemory(memory);
  const unmount = () => run('umount', ['--lazy', merged, memory], { what: `cannot unmount the overlay on '${lower}'` });
  let open = true;
  const close = async (work: () => Promise<void>) => {
    if (!open) return;
    open = false;
    await unmount();
    await work();
    await temporary.remove();
  };
  const discard = () => close(async () => {});
  const apply = () => close(() => applyUpper(upper, lower));
  return { lower, upper, merged, memory, scratch: temporary.path, apply, discard };
}

/** In a user namespace overlayfs keeps its marks in user.overlay.*; commas and colons separate its options. */
function overlayOptions(lower: string, upper: string, work: string): string {
  const quote = (path: string) => path.replace(/[\\,:]/g, '\\$&');
  const rootless = process.env['AOT_OUTER_UID'] !== undefined && process.env['AOT_OUTER_UID'] !== '0';
  const marks = rootless ? ['userxattr'] : ['redirect_dir=off', 'metacopy=off', 'index=off'];
  return [
    `lowerdir=${quote(lower)},upperdir=${quote(upper)},workdir=${quote(work)}`,
    ...['volatile', 'xino=off'],
    ...marks,
  ].join(',');
}

const mount = (type: string, options: string, target: string, lower: string) =>
  run('mount', ['-t', type, '-o', options, type, target], {
    what: `cannot mount ${type} for '${basename(lower)}'`,
    hint: 'the tree must lie on a local file system that can carry an overlay (ext4, xfs, btrfs, tmpfs)',
  });

function makeMemory(memory: string): void {
  const umask = process.umask(0);
  mkdirSync(join(memory, 'run'), { mode: 0o755 });
  mkdirSync(join(memory, 'run/lock'), { mode: 0o1777 });
  mkdirSync(join(memory, 'tmp'), { mode: 0o1777 });
  process.umask(umask);
}
