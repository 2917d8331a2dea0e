import { join } from 'node:path';
import { type RunResult, run } from '@apt-ostree/run';
import { bootedCommand, type FullDisk, fullDisk, temporary } from '@apt-ostree/testkit';
import type { BootedWorld } from './booted-world.ts';

/** MiB that it has besides what is on it. */
const ROOM = 64;

/** A booted machine whose disk can be filled. */
export interface SmallDiskWorld {
  disk: FullDisk;
  /** Runs a command inside, whatever it ends with. */
  run(...argv: string[]): Promise<RunResult>;
  close(): Promise<void>;
}

/** Copies a booted machine to a small disk, of which its repository need leave nothing free: only a full disk stops it. */
export async function onSmallDisk(world: BootedWorld): Promise<SmallDiskWorld> {
  const used = Number((await run('du', ['--summarize', '--block-size=1M', world.sysroot])).stdout.split('\t')[0]);
  const disk = await fullDisk(used + ROOM);
  const [enter = '', ...there] = disk.prefix;
  const within = (argv: readonly string[]) => run(enter, [...there, ...argv], { ok: 'any' });
  const sysroot = join(disk.path, 'sysroot');
  await within(['cp', '--archive', world.sysroot, sysroot]);
  const place = world.place({ sysroot, run: temporary() });
  const inside = (...argv: string[]) => within(bootedCommand(place, argv));
  await inside('ostree', 'config', '--repo=/ostree/repo', 'set', 'core.min-free-space-percent', '0');
  return { disk, run: inside, close: () => disk.close() };
}
