import { readFileSync } from 'node:fs';
import type { RunResult, Started } from '@apt-ostree/run';
import { type BusWorld, busWorld } from '../lib/bus-world.ts';
import type { Group } from './compose-rows.ts';
import type { Sample } from './measure.ts';
import { watchMemory } from './memory.ts';

/** A booted server with a bus and a warm daemon. */
interface Lab {
  world: BusWorld;
  /** The daemon's process. */
  pid: number;
}
let lab: Lab | undefined;
let running: Started | undefined;

async function open(): Promise<Lab> {
  if (lab) return lab;
  const world = await busWorld('bench-daemon');
  const daemon = await world.daemon();
  await world.nextCommit({ files: { 'usr/share/aot-bench': 'x' } });
  lab = { world, pid: world.processOf(daemon, 'apt-ostreed') };
  return lab;
}

/** The client is part of the machine, so that its memory is not told apart; the daemon and all that works for it are. */
async function timed(work: (world: BusWorld) => Promise<RunResult>): Promise<Sample> {
  const { world, pid } = lab as Lab;
  const watch = watchMemory(pid);
  const begin = performance.now();
  const { exitCode, stderr } = await work(world);
  const seconds = (performance.now() - begin) / 1000;
  watch.stop();
  if (exitCode !== 0) throw new Error(`a command failed: ${stderr}`);
  return { seconds, memory: watch.peaks };
}

/** The largest of what works for the daemon, in all runs so far. */
let largest: [name: string, peak: number] = ['nothing', 0];

async function upgraded(): Promise<Sample> {
  const sample = await timed((world) => world.client(['upgrade']));
  for (const [name, peak] of sample.memory) if (name !== 'apt-ostreed' && peak > largest[1]) largest = [name, peak];
  return sample;
}

const DIRECT = { env: { APT_OSTREE_DIRECT: '1' } };
const dropStaged = async () => void (await (await open()).world.client(['cleanup', '-p'], DIRECT));

const resident = (field: string): string => {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(
    readFileSync(`/proc/${(lab as Lab).pid}/status`, 'utf8'),
  )?.[1];
  return `${Math.round(Number(kilobytes) / 1024)} MiB`;
};

const ACTIVE = ['org.aptostree1', '/org/aptostree1/Sysroot', 'org.aptostree1.Sysroot', 'ActiveTransactionPath'];

/** An upgrade that has begun to work. */
async function upgrading(): Promise<void> {
  const { world } = await open();
  await running?.ended;
  await world.client(['cleanup', '-p']);
  running = world.launch(['/run/checkout/node_modules/.bin/apt-ostree', 'upgrade']);
  for (let tries = 0; tries < 1000; tries++) {
    const { stdout } = await world.exec(['busctl', '--system', 'get-property', ...ACTIVE]);
    if (!stdout.includes('""')) return;
  }
  throw new Error('the upgrade did not begin');
}

export const DAEMON_ROWS: Group = {
  rows: [
    {
      title: 'status beside a warm daemon, against --help',
      target: '--help and 60 ms',
      prepare: async () => void (await open()),
      ours: () => timed((world) => world.client(['status'])),
      peer: () => timed((world) => world.client(['--help'])),
      note: async () => `daemon idle: ${resident('VmRSS')} of 80`,
    },
    {
      title: 'upgrade by the daemon, against the command alone',
      target: '',
      prepare: dropStaged,
      ours: upgraded,
      peer: async () => {
        await dropStaged();
        return timed((world) => world.client(['upgrade'], DIRECT));
      },
      note: async () =>
        `daemon at its largest: ${resident('VmHWM')} of 300, ${largest[0]} for it: ${Math.round(largest[1])} MiB`,
    },
    {
      title: 'cancel of an upgrade in the daemon, until it has ended',
      target: '2 s',
      prepare: upgrading,
      ours: () => timed((world) => world.client(['cancel'])),
    },
  ],
  close: async () => lab?.world.close(),
};
