import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type ArchivePackage, buildArchive, hostArchitecture, type Served, serve } from '@apt-ostree/testkit';
import { CACHE, program, TOP } from '../../lib/checkout.ts';
import { overlayCommit } from '../../lib/overlay-commit.ts';
import { Machine } from './machine.ts';

export const REF = 'test/vm';

/** A machine with a first version on its disk, and a repository on this host that has a second one. */
export interface VmWorld {
  machine: Machine;
  /** A machine with the same version on a disk of its own form. */
  another(...options: string[]): Promise<Machine>;
  /** Commits. */
  first: string;
  second: string;
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
  const compose = ['compose', 'tree', '--repo', repo, '--cachedir', CACHE, join(TOP, 'test/trees/vm.yaml')];
  await run(program('apt-ostree'), compose);
  const first = await overlayCommit(repo, REF, { version: '1.A', files: versionOf('first'), edit: installTools });
  const machineOf = async (name: string, ...options: string[]) => {
    const made = new Machine(join(directory, name));
    await makeDisk(repo, first, made.disk, options);
    return made;
  };
  const machine = await machineOf('machine');
  const second = await overlayCommit(repo, REF, { version: '2.B', files: versionOf('second'), newInitramfs: true });
  const served = join(directory, 'served');
  await publish(repo, join(served, 'repo'));
  const packages = await buildArchive({ directory: join(served, 'packages'), packages: PACKAGES });
  const server = await serve(served);
  const url = server.url.replace('127.0.0.1', '10.0.2.2');
  return {
    ...{ machine, first, second, server, url: `${url}/repo` },
    another: (...options) => machineOf('another', ...options),
    sources: packages.sources(`${url}/packages`),
    deb: (name) => `${url}/packages/${packages.packages.find((p) => p.name === name)?.path}`,
  };
}

/** Small ones; one of the base's name, and newer. */
const PACKAGES: readonly ArchivePackage[] = [
  { name: 'lab-tool', files: { '/usr/bin/lab-tool': '#!/bin/sh\necho layered\n' } },
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

/** The built programs and all that comes with them, as the Debian packages lay them out. */
async function installTools(directory: string): Promise<void> {
  const programs = join(directory, 'usr/lib/apt-ostree');
  mkdirSync(join(directory, 'usr/bin'), { recursive: true });
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(programs, 'package.json'), '{ "type": "module" }\n');
  for (const tool of readdirSync(join(TOP, 'tools'))) {
    const script = join(programs, tool, 'bin', `${tool}.js`);
    cpSync(join(TOP, 'tools', tool, 'dist'), join(programs, tool, 'dist'), { recursive: true });
    mkdirSync(join(script, '..'));
    const text = readFileSync(join(TOP, 'tools', tool, 'bin', `${tool}.js`), 'utf8');
    writeFileSync(script, text.replace(/^.*/, '#!/usr/bin/node'));
    chmodSync(script, 0o755);
    symlinkSync(`../lib/apt-ostree/${tool}/bin/${tool}.js`, join(directory, 'usr/bin', tool));
  }
  for (const name of ['apt-ostree', 'apt-ostreed']) installFiles(`debian/${name}.install`, directory);
}

/** What dh_install(1) does, with /etc where a commit has it. */
function installFiles(list: string, directory: string): void {
  for (const line of readFileSync(join(TOP, list), 'utf8').trim().split('\n')) {
    const [pattern = '', to = ''] = line.split(' ');
    const target = join(directory, to.replace(/^etc(?=\/|$)/, 'usr/etc'));
    const sources = pattern.endsWith('/*')
      ? readdirSync(join(TOP, dirname(pattern))).map((name) => join(dirname(pattern), name))
      : [pattern];
    for (const source of sources) cpSync(join(TOP, source), join(target, basename(source)), { recursive: true });
  }
}
