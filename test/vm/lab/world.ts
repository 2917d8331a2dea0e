import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type Served, serve } from '@apt-ostree/testkit';
import { CACHE, program, SCRATCH, TOP } from '../../lib/checkout.ts';
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
}

export async function vmWorld(): Promise<VmWorld> {
  const directory = join(SCRATCH, 'vm-lab');
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
  const archive = join(directory, 'archive');
  await run('ostree', ['init', '--mode=archive', `--repo=${archive}`]);
  await run('ostree', ['config', `--repo=${archive}`, 'set', 'archive.zlib-level', '1']);
  await run('ostree', ['pull-local', '--disable-fsync', `--repo=${archive}`, repo, REF]);
  await run('ostree', ['summary', '--update', `--repo=${archive}`]);
  const server = await serve(archive);
  const another = (...options: string[]) => machineOf('another', ...options);
  return { machine, another, first, second, server, url: server.url.replace('127.0.0.1', '10.0.2.2') };
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

/** The built programs, as the Debian package lays them out. */
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
}
