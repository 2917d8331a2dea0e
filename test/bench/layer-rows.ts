import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { type LayerWorld, layerWorld, useMachineArchive } from '../lib/layer-world.ts';
import type { Group, Workspace } from './compose-rows.ts';
import type { Sample } from './measure.ts';

const MANY = 50;
const small = (name: string): ArchivePackage => ({
  name,
  files: { [`/usr/bin/${name}`]: `${name}\n`, [`/usr/share/doc/${name}/copyright`]: `${name}\n` },
});
const names = Array.from({ length: MANY }, (_, i) => `aot-bench-${i}`);
const [ONE = '', TWO = ''] = names;

let world: LayerWorld | undefined;

/** Its archives are the test's and the real one. */
async function lab(): Promise<LayerWorld> {
  if (world !== undefined) return world;
  world = await layerWorld('bench-layer', names.map(small));
  await useMachineArchive(world);
  return world;
}

/** Nothing staged, no layered commit remembered, indices fresh. */
async function nothingLayered(): Promise<void> {
  const { aot, sysroot } = await lab();
  await aot('cleanup', '--pending');
  rmSync(join(sysroot, 'ostree/repo/extensions/apt-ostree/layers'), { recursive: true, force: true });
  await aot('install', '--dry-run', ONE);
}

async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const begin = performance.now();
  await work();
  return { seconds: (performance.now() - begin) / 1000, memory: new Map() };
}

const aot = async (...words: string[]): Promise<Sample> => {
  const { done } = await lab();
  return timed(() => done(...words));
};

/** What apt-get does in a directory with the same tree, which it may write to, with its indices there. */
async function aptGet(w: Workspace, ...words: string[]): Promise<Sample> {
  const { root } = await lab();
  const tree = join(w.directory, 'chroot');
  rmSync(tree, { recursive: true, force: true });
  await run('cp', ['--archive', root(), tree]);
  for (const place of ['var/lib/apt/lists/partial', 'var/cache/apt/archives/partial', 'var/log/apt', 'tmp'])
    mkdirSync(join(tree, place), { recursive: true });
  const apt = (...words: string[]) =>
    run('chroot', [tree, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...words]);
  await apt('update');
  const sample = await timed(() => apt(...words));
  rmSync(tree, { recursive: true, force: true });
  return sample;
}

async function oneLayered(): Promise<Sample> {
  await nothingLayered();
  return aot('install', ONE);
}

export const LAYER_ROWS: Group = {
  rows: [
    {
      title:
        'install of one small package on the deployed server, up to the staged deployment, against apt-get install',
      target: '5 s',
      prepare: nothingLayered,
      ours: () => aot('install', ONE),
      peer: (w) => aptGet(w, 'install', '--yes', ONE),
    },
    {
      title: 'uninstall of the only layered package',
      target: '4 s',
      prepare: async () => void (await oneLayered()),
      ours: () => aot('uninstall', ONE),
    },
    {
      title: 'install of a second small package on top of one, against the first',
      target: '1.1',
      prepare: async () => void (await oneLayered()),
      ours: () => aot('install', TWO),
      peer: oneLayered,
    },
    {
      title: 'install --dry-run, against apt-get --print-uris on the same lists',
      target: '1.3, and 0.4 s',
      prepare: nothingLayered,
      ours: () => aot('install', '--dry-run', ONE),
      peer: (w) => aptGet(w, '--print-uris', '--yes', 'install', ONE),
    },
    {
      title: `install of ${MANY} small packages, against one`,
      target: '3',
      prepare: nothingLayered,
      ours: () => aot('install', ...names),
      peer: oneLayered,
    },
  ],
  close: async () => world?.server.close(),
};
