import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResult } from '@apt-ostree/run';
import { type ArchivePackage, buildArchive, type PackageSpec, type Served, serve } from '@apt-ostree/testkit';
import { type BootedWorld, bootedWorld } from './booted-world.ts';
import { sources } from './mmdebstrap.ts';
import { scratch } from './scratch.ts';

/** A package that the base has, in another version. */
export const HTOP: PackageSpec = {
  name: 'htop',
  version: '99-1',
  architecture: 'amd64',
  files: { '/usr/bin/htop': 'another htop\n' },
};

/** A booted machine whose one archive is made by the test. */
export interface LayerWorld extends BootedWorld {
  server: Served;
  /** Where the archive is, seen from outside. */
  archive: string;
  /** Makes the archive anew, with these packages; whoever refreshes sees them. */
  offer(packages: readonly ArchivePackage[]): Promise<void>;
  /** Layers or the like, and hands back what was said, whatever the exit code. */
  aot(...words: string[]): Promise<RunResult>;
  /** As `aot`; a failure is one of the test. */
  done(...words: string[]): Promise<string>;
  /** A file of the deployment that boots next. */
  next(path: string): Promise<string | undefined>;
  /** Checksums of the deployments, in boot order. */
  deployed(): Promise<string[]>;
}

/** @param name tells it from the worlds of other tests */
export async function layerWorld(name: string, packages: readonly ArchivePackage[]): Promise<LayerWorld> {
  const world = await bootedWorld(name);
  const archive = scratch(`${name}-archive`);
  const offer = async (offered: readonly ArchivePackage[]) => {
    rmSync(archive, { recursive: true, force: true });
    mkdirSync(archive);
    const built = await buildArchive({ directory: archive, packages: offered, architectures: ['amd64'] });
    world.write('/etc/apt/sources.list.d/test.sources', built.sources(server.url));
  };
  const server = await serve(archive);
  await offer(packages);
  const aot = (...words: string[]) => world.aptOstree(words);
  return {
    ...world,
    ...{ server, archive, offer, aot },
    async done(...words) {
      const { exitCode, stdout, stderr } = await aot(...words);
      if (exitCode !== 0) throw new Error(`apt-ostree ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
      return stdout;
    },
    async next(path) {
      const [first] = (await world.status()).deployments;
      const { exitCode, stdout } = await world.run(['cat', `/sysroot/${first?.path}/${path}`], { ok: 'any' });
      return exitCode === 0 ? stdout : undefined;
    },
    deployed: async () => (await world.status()).deployments.map((d) => d.checksum),
  };
}

/** Lets a machine have the archive of this one too, with what Debian signs it with. */
export async function useMachineArchive(world: LayerWorld): Promise<void> {
  const { stdout } = await world.run(['sh', '-c', '. /etc/os-release; echo "$VERSION_CODENAME"']);
  world.write('/etc/apt/sources.list.d/machine.list', `${sources(stdout.trim())}\n`);
  for (const name of ['resolv.conf', 'hosts']) {
    rmSync(join(world.root(), 'etc', name), { force: true }); // it may be a link to elsewhere
    world.write(`/etc/${name}`, readFileSync(join('/etc', name), 'utf8'));
  }
}
