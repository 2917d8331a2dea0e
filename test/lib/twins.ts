import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { buildArchive, buildDeb, type Served, serve } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusWorld, busWorld, PROGRAMS } from './bus-world.ts';
import { type Change, commitChange } from './next-commit.ts';
import { scratch } from './scratch.ts';

/** A command line for two machines that are alike. */
export interface Row {
  /** URL stands for the server of packages. */
  words: string;
  /** What is committed before. */
  commit?: [branch: string, change: Change];
  env?: Record<string, string>;
}

export const row = (words: string, more: Omit<Row, 'words'> = {}): Row => ({ words, ...more });

/**
 * Tests that the daemon does what the command does, with the same words: command lines in this order, on two machines.
 * @param name tells the machines from those of other tests
 */
export function testSame(name: string, rows: readonly Row[]): void {
  let both: Twins;
  beforeAll(async () => {
    both = await twins(name);
  });
  afterAll(() => both?.close());

  test.each(rows)('$words', async (given) => {
    const { through, direct } = await both.run(given);
    expect(through).toEqual(direct);
  });
}

/** How a command ended on each of them, and what is deployed then. */
interface Both {
  through: Outcome;
  direct: Outcome;
}

interface Outcome {
  exitCode: number;
  stdout: string;
  /** Without what tells how far it is. */
  stderr: string;
  /** The phases of the work that it told of, with how much each was; some are under way at once. */
  phases: string[];
  deployments: unknown[];
}

/** Two machines that are alike: on one the daemon does the work, on the other the command itself. */
interface Twins {
  run(row: Row): Promise<Both>;
  close(): Promise<void>;
}

const PATH = '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin';

async function twins(name: string): Promise<Twins> {
  const { server, sources, directory } = await archive(`${name}-archive`);
  const [through, direct] = [await busWorld(`${name}-through`), await busWorld(`${name}-direct`)];
  for (const world of [through, direct]) await prepare(world, sources, directory);
  through.launch([`${PROGRAMS}/apt-ostreed`], { env: { PATH } });
  await through.owned('org.aptostree1');
  const worlds = [through, direct];
  return {
    async run({ words, commit, env = {} }) {
      if (commit) await Promise.all(worlds.map((world) => commitChange(world.repo, ...commit)));
      // they tell what errors in words tell, and more
      const args = [...words.replaceAll('URL', server.url).split(' '), '--json-errors'];
      const [one, other] = await Promise.all([
        outcome(through, args, env),
        outcome(direct, args, { ...env, APT_OSTREE_DIRECT: '1' }),
      ]);
      return { through: one, direct: other };
    },
    async close() {
      for (const world of worlds) await world.close();
      await server.close();
    },
  };
}

/** Packages of an archive, and some that are files beside it. */
async function archive(name: string): Promise<{ server: Served; sources: string; directory: string }> {
  const directory = scratch(name);
  const server = await serve(directory);
  const packages = [
    { name: 'aot-a', files: { '/usr/share/aot-a': 'x\n' } },
    { name: 'aot-b', control: { Depends: 'aot-a' } },
    { name: 'htop', version: '99-1', architecture: 'amd64' },
  ];
  const built = await buildArchive({ directory, packages, architectures: ['amd64'] });
  for (const file of ['aot-url', 'aot-file', 'htop'])
    writeFileSync(
      join(directory, `${file}.deb`),
      await buildDeb({ name: file, version: '98-1', architecture: 'amd64' }),
    );
  return { server, sources: built.sources(server.url), directory };
}

async function prepare(world: BusWorld, sources: string, directory: string): Promise<void> {
  await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/other', world.commit]);
  world.write('/etc/apt/sources.list.d/test.sources', sources);
  world.write('/etc/apt-ostreed.conf', '[Daemon]\nIdleExitTimeout=0\n');
  world.write('/run/stub/systemctl', '#!/bin/sh\n[ "$1" = is-active ] && echo inactive || echo "$@" >> /run/asked\n');
  await world.exec(['chmod', '+x', '/run/stub/systemctl']);
  await world.exec(['cp', '-r', '/run/upstream', '/run/local']);
  for (const file of ['aot-file', 'htop'])
    await run('cp', [join(directory, `${file}.deb`), join(world.runtime, `${file}.deb`)]);
  world.write('/run/wrong.deb', 'no package');
}

async function outcome(world: BusWorld, words: readonly string[], env: Record<string, string>): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await world.client(words, { env: { PATH, ...env } });
  const lines = stderr.split('\n');
  const phases = lines.filter((line) => line.includes('... done')).sort();
  const notes = lines.filter((line) => !/\.\.\. (done|\d)|\.\.\.$/.test(line));
  const deployments = (await world.status()).deployments.map(
    ({ checksum, kernelArguments, origin, staged, stateroot, finalizationLocked }) => ({
      ...{ checksum, kernelArguments, origin, staged, stateroot, finalizationLocked },
    }),
  );
  return { exitCode, stdout, stderr: notes.join('\n'), phases, deployments };
}
