import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, start } from '@apt-ostree/run';
import { toolPath } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOP } from '../lib/checkout.ts';
import { random } from '../lib/random.ts';
import { scratch } from '../lib/scratch.ts';
import { commitOf, REF, type SmallWorld, smallWorld } from '../lib/small-world.ts';
import { leftovers, markedBy, mountsAround, processesAround } from '../lib/traces.ts';

/** How long what is killed may take to be gone, milliseconds: two processors may have other things to do. */
const GRACE = 5000;
const ROUNDS = 50;
const VARIANTS = ['red', 'green', 'blue'];

type Way = 'SIGINT to the front end' | 'SIGKILL to the group' | 'SIGKILL to the front end';

/** Starts a command as a group of its own and ends it after so many milliseconds. */
async function interrupted(argv: string[], mark: string, way: Way, after: number): Promise<void> {
  const { child, ended } = start(process.execPath, argv, {
    ...{ stdio: 'ignore', detached: true, env: markedBy(mark), cwd: TOP },
  });
  await Promise.race([sleep(after), ended]);
  const pid = child.pid as number;
  if (child.exitCode === null)
    process.kill(way === 'SIGKILL to the group' ? -pid : pid, way === 'SIGINT to the front end' ? 'SIGINT' : 'SIGKILL');
  await ended;
}

async function nothingRuns(directory: string): Promise<void> {
  expect(await processesAround(directory, GRACE)).toEqual([]);
  expect(mountsAround(directory)).toEqual([]);
}

const clean = async (repo: string): Promise<void> => {
  const { exitCode, stdout } = await run('ostree', ['fsck', `--repo=${repo}`], { ok: 'any' });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('no errors found')]);
};

describe('a compose that is interrupted', () => {
  let world: SmallWorld;
  const undisturbed = new Map<string, string>();
  let [cold, warm] = [0, 0];

  beforeAll(async () => {
    world = await smallWorld('interrupt');
    const places = { cachedir: join(world.directory, 'quiet/cache'), repo: join(world.directory, 'quiet/repo') };
    for (const variant of VARIANTS) {
      const before = performance.now();
      world.vary(variant);
      expect(await world.compose(places)).toMatchObject({ exitCode: 0 });
      undisturbed.set(variant, (await commitOf(places.repo)) as string);
      warm = performance.now() - before;
      cold ||= warm;
    }
    expect(new Set(undisturbed.values()).size).toBe(VARIANTS.length);
    rmSync(join(world.directory, 'quiet'), { recursive: true });
  });
  afterAll(() => world.server.close());

  const dice = random();
  it(`leaves nothing behind, loses nothing, and succeeds the next time (AOT_SEED=${dice.seed})`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const variant = VARIANTS[round % VARIANTS.length] as string;
      const before = await commitOf(world.repo);
      const all = forget(round);
      world.vary(variant);
      const way: Way = round % 2 === 0 ? 'SIGINT to the front end' : 'SIGKILL to the group';
      await interrupted([toolPath('apt-ostree'), ...world.argv()], world.directory, way, dice.next() * all);
      await nothingRuns(world.directory);
      expect([before, undisturbed.get(variant)], `round ${round}, ${way}`).toContain(await commitOf(world.repo));
      if (round % 5 === 4 && before) await clean(world.repo);

      expect(await world.compose(), `after round ${round}, ${way}`).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await commitOf(world.repo)).toBe(undisturbed.get(variant));
      expect(leftovers(world.directory), `after round ${round}, ${way}`).toEqual([]);
    }
    await clean(world.repo);
    expect((await run('ostree', ['refs', `--repo=${world.repo}`])).stdout.trim()).toBe(REF);
  });

  /** Takes away some of the caches, so that every stage has work in some rounds. @returns how long the run may take */
  function forget(round: number): number {
    if (round % 10 === 0) rmSync(world.cachedir, { recursive: true, force: true });
    if (round % 10 === 5) rmSync(join(world.cachedir, 'repo'), { recursive: true, force: true });
    if (round % 5 < 3) rmSync(join(world.cachedir, 'configured'), { recursive: true, force: true });
    return round % 5 < 3 ? cold : warm;
  }

  const HANGING: [where: string, hang: () => void][] = [
    ['the archive does not answer', () => hangs('*')],
    ['a package does not come', () => hangs(somePackage())],
    ['a script does not end', () => world.vary('endless', 'sleep 1000')],
  ];
  it.each(HANGING)('ends with its front end: %s', async (_where, hang) => {
    for (const way of ['SIGKILL to the front end', 'SIGINT to the front end'] as const) {
      rmSync(world.cachedir, { recursive: true, force: true });
      world.vary('red');
      hang();
      await interrupted([toolPath('apt-ostree'), ...world.argv()], world.directory, way, 2 * cold);
      for (const path of Object.keys(world.server.faults)) delete world.server.faults[path];
      await nothingRuns(world.directory);
    }
    world.vary('red');
    expect(await world.compose()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await commitOf(world.repo)).toBe(undisturbed.get('red'));
    expect(leftovers(world.directory)).toEqual([]);
  });

  function hangs(path: string): void {
    world.server.faults[path] = { hang: true };
  }

  /** The path of a package on the server. */
  const somePackage = (): string => world.server.log.find((r) => r.path.endsWith('.deb'))?.path as string;
});

it('three times with real packages: the same', async () => {
  const directory = scratch('interrupt-real');
  const repo = join(directory, 'repo');
  const argv = ['compose', 'tree', '--quiet', '--no-parent', '--repo', repo, '--cachedir', join(directory, 'cache')];
  const command = [toolPath('apt-ostree'), ...argv, join(TOP, 'docs/examples/minimal.yaml')];
  const dice = random();
  const ways: Way[] = ['SIGKILL to the group', 'SIGINT to the front end', 'SIGKILL to the front end'];
  for (const [round, way] of ways.entries()) {
    await interrupted(command, directory, way, (round + dice.next()) * 5000);
    await nothingRuns(directory);
  }
  expect(await run(process.execPath, command, { ok: 'any', cwd: TOP })).toMatchObject({ exitCode: 0, stderr: '' });
  expect(leftovers(join(directory, 'cache/tmp'))).toEqual([]);
  await clean(repo);
});
