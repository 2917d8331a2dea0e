import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type ArchivePackage, buildArchive, hostArchitecture, type Served, serve } from '@apt-ostree/testkit';
import { CACHE, program, TOP } from '../../lib/checkout.ts';
import { debArchive } from '../../lib/deb-archive.ts';
import { overlayCommit } from '../../lib/overlay-commit.ts';
import { addAccounts } from './accounts.ts';
import { Machine } from './machine.ts';

export const REF = 'test/vm';

/** A machine with a first version on its disk, and a repository on this host that will have a second one. */
export interface VmWorld {
  machine: Machine;
  /** A machine with the same version on a disk of its own form. */
  another(...options: string[]): Promise<Machine>;
  /** Commits. */
  first: string;
  second?: string;
  /** Publishes the second version, which has two system users more: one with this number, one with another. */
  publishSecond(number: number): Promise<void>;
  server: Served;
  /** The repository, as the guest reaches it. */
  url: string;
  /** What apt needs to know of the archive of packages beside it. */
  sources: string;
  /** The URL of one of its packages. */
  deb(name: string): string;
}

export async function vmWorld(): Promise<VmWorld> {
  const directory = join(TOP, 'build/vm');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const repo = join(directory, 'repo');
  await run('ostree', ['init', '--mode=bare-user', `--repo=${repo}`]);
  await debArchive();
  const compose = ['compose', 'tree', '--repo', repo, '--cachedir', CACHE, join(TOP, 'test/trees/vm.yaml')];
  await run(program('apt-ostree'), compose);
  const first = await overlayCommit(repo, REF, { version: '1.A', files: versionOf('first') });
  const machineOf = async (name: string, ...options: string[]) => {
    const made = new Machine(join(directory, name));
    await makeDisk(repo, first, made.disk, options);
    return made;
  };
  const machine = await machineOf('machine');
  const served = join(directory, 'served');
  const packages = await buildArchive({ directory: join(served, 'packages'), packages: PACKAGES });
  const server = await serve(served);
  const url = server.url.replace('127.0.0.1', '10.0.2.2');
  const world: VmWorld = {
    ...{ machine, first, server, url: `${url}/repo` },
    async publishSecond(number) {
      const edit = (tree: string) => addAccounts(repo, REF, tree, number);
      const change = { version: '2.B', files: versionOf('second'), newInitramfs: true, edit };
      world.second = await overlayCommit(repo, REF, change);
      await publish(repo, join(served, 'repo'));
    },
    another: (...options) => machineOf('another', ...options),
    sources: packages.sources(`${url}/packages`),
    deb: (name) => `${url}/packages/${packages.packages.find((p) => p.name === name)?.path}`,
  };
  return world;
}

/** Nothing but the owner lets it write: systemd would give a StateDirectory to whoever the user is now. */
const DAEMON_UNIT = `[Service]
User=lab-daemon
ExecStart=/bin/sh -c 'id -u >> /var/lib/lab-daemon/starts; exec sleep infinity'
`;

/** Small ones; one of the base's name, and newer. */
const PACKAGES: readonly ArchivePackage[] = [
  { name: 'lab-tool', files: { '/usr/bin/lab-tool': '#!/bin/sh\necho layered\n' } },
  {
    name: 'lab-daemon',
    files: {
      '/usr/lib/systemd/system/lab-daemon.service': DAEMON_UNIT,
      '/usr/lib/systemd/system/multi-user.target.wants/lab-daemon.service': { link: '../lab-daemon.service' },
    },
    scripts: {
      postinst: `useradd --system --user-group --no-create-home lab-daemon
mkdir /var/lib/lab-daemon
chown lab-daemon:lab-daemon /var/lib/lab-daemon`,
    },
  },
  {
    name: 'lab-live',
    files: {
      '/usr/bin/lab-live': '#!/bin/sh\necho live\n',
      '/usr/lib/systemd/system/lab-live.service':
        '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/usr/bin/lab-live\n',
    },
  },
  {
    name: 'htop',
    version: '99-1',
    architecture: hostArchitecture(),
    files: { '/usr/bin/htop': '#!/bin/sh\necho overridden\n' },
  },
];

async function publish(repo: string, archive: string): Promise<void> {
  mkdirSync(archive, { recursive: true });
  await run('ostree', ['init', '--mode=archive', `--repo=${archive}`]);
  await run('ostree', ['config', `--repo=${archive}`, 'set', 'archive.zlib-level', '1']);
  await run('ostree', ['pull-local', '--disable-fsync', `--repo=${archive}`, repo, REF]);
  await run('ostree', ['summary', '--update', `--repo=${archive}`]);
}

async function makeDisk(repo: string, commit: string, output: string, options: readonly string[]): Promise<void> {
  const remote = ['--refspec', `lab:${REF}`, '--hostname', 'lab'];
  const kargs = ['console=ttyS0', 'mitigations=off', 'audit=0', 'quiet'].flatMap((k) => ['--karg', k]);
  const args = ['--repo', repo, '-o', output, ...remote, ...kargs, ...options, commit];
  await run(program('apt-ostree'), ['compose', 'disk', ...args]);
}

const versionOf = (name: string): Record<string, string> => ({
  'usr/share/lab-version': `${name}\n`,
  'usr/etc/lab/vendor': `${name}\n`,
  'usr/etc/lab/both': `${name}\n`,
});
