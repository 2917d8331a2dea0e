import type { RunResult } from '@apt-ostree/run';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { type HttpRemote, httpRemote } from '../lib/http-remote.ts';
import type { Group } from './compose-rows.ts';
import type { Sample } from './measure.ts';

const REFSPEC = 'web:test/booted';

/** A booted server that follows a branch on a web server of this machine. */
interface Lab {
  world: BootedWorld;
  remote: HttpRemote;
}
let lab: Lab | undefined;
let commits = 0;

async function open(): Promise<Lab> {
  const world = await bootedWorld('bench');
  const remote = await httpRemote(world, 'bench');
  await world.addRemote('web', remote.server.url);
  const { exitCode, stderr } = await world.aptOstree(['rebase', REFSPEC]);
  if (exitCode !== 0) throw new Error(`the machine cannot follow '${REFSPEC}': ${stderr}`);
  await world.reboot();
  return { world, remote };
}

/** One package of the tree in a new version, and nothing staged. */
async function onePackageNewer(): Promise<void> {
  lab ??= await open();
  const { world, remote } = lab;
  await world.aptOstree(['cleanup', '--pending']);
  commits++;
  await remote.publish({
    version: `13.${commits}`,
    files: { 'usr/share/doc/bash/bench': `${commits}\n`.repeat(10_000) },
    packages: (all) => all.map((p) => (p.name === 'bash' ? { ...p, version: `99-${commits}` } : p)),
  });
}

/** What runs is part of the machine, so that its memory is not told apart. */
async function timed(work: (world: BootedWorld) => Promise<RunResult>): Promise<Sample> {
  const { world } = lab as Lab;
  const begin = performance.now();
  const { exitCode, stderr } = await work(world);
  if (exitCode !== 0) throw new Error(`an upgrade failed: ${stderr}`);
  return { seconds: (performance.now() - begin) / 1000, memory: new Map() };
}

export const UPGRADE_ROWS: Group = {
  rows: [
    {
      title: 'upgrade of the server by one package over loopback, against ostree pull and ostree admin upgrade',
      target: '1.3',
      prepare: onePackageNewer,
      ours: () => timed((world) => world.aptOstree(['upgrade'])),
      peer: async () => {
        await onePackageNewer();
        return timed(async (world) => {
          await world.run(['ostree', 'pull', '--repo=/ostree/repo', 'web', 'test/booted']);
          return world.run(['ostree', 'admin', 'upgrade', '--stage']);
        });
      },
    },
  ],
  close: async () => lab?.remote.close(),
};
