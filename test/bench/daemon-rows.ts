import { readFileSync } from 'node:fs';
import type { RunResult, Started } from '@apt-ostree/run';
import { type BusWorld, busWorld } from '../lib/bus-world.ts';
import type { Row } from './compose-rows.ts';
import type { Sample } from './measure.ts';

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

/** What runs is part of the machine, so that its memory is not told apart. */
async function timed(work: (world: BusWorld) => Promise<RunResult>): Promise<Sample> {
  const { world } = lab as Lab;
  const begin = performance.now();
  const { exitCode, stderr } = await work(world);
  if (exitCode !== 0) throw new Error(`a command failed: ${stderr}`);
  return { seconds: (performance.now() - begin) / 1000, memory: new Map() };
}

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

export const DAEMON_ROWS: Row[] = [
  {
    title: 'status beside a warm daemon, against --help',
    target: '--help and 60 ms',
    prepare: async () => void (await open()),
    ours: () => timed((world) => world.client(['status'])),
    peer: () => timed((world) => world.client(['--help'])),
    note: async () => `daemon idle: ${resident('VmRSS')} of 80`,
  },
  {
    title: 'cancel of an upgrade in the daemon, until it has ended',
    target: '2 s',
    prepare: upgrading,
    ours: () => timed((world) => world.client(['cancel'])),
    note: async () => `daemon at its largest: ${resident('VmHWM')} of 300`,
    finish: async () => lab?.world.close(),
  },
];
