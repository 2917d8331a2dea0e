import { join } from 'node:path';
import { type FullDisk, fullDisk, tool } from '@apt-ostree/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { commitOf, type SmallWorld, smallWorld } from '../lib/small-world.ts';
import { STAGES, type StagePlaces, stage } from '../lib/stages.ts';

/** MiB. */
const SIZE = 200;

/** Parts of the room that a stage needs. */
const PARTS = [0, 0.3, 0.6];

let world: SmallWorld;
let disk: FullDisk;
beforeAll(async () => {
  world = await smallWorld('full-disk');
});
beforeEach(async () => {
  disk = await fullDisk(SIZE);
});
afterEach(() => disk.close());
afterAll(() => world.server.close());

const placesOn = ({ path }: FullDisk): StagePlaces => ({
  cachedir: join(path, 'cache'),
  rootfs: join(path, 'work/root'),
  repo: join(path, 'repo'),
});

/** How much room each stage takes. */
async function rooms(): Promise<number[]> {
  const roomy = await fullDisk(SIZE);
  const found: number[] = [];
  let input = '';
  for (const name of STAGES) {
    const before = roomy.free();
    const { code, stdout, stderr } = await stage(name, world, placesOn(roomy), input, roomy.prefix);
    expect([name, code, stderr]).toEqual([name, 0, '']);
    found.push(before - roomy.free());
    input = stdout;
  }
  await roomy.close();
  return found;
}

const FULL = /no space left on device|min-free-space/i;

it('every stage says so and leaves nothing half-made; with room the same command succeeds', async () => {
  const needed = await rooms();
  let input = '';
  for (const [i, name] of STAGES.entries()) {
    for (const part of PARTS) {
      const makeRoom = disk.fill(part * (needed[i] as number));
      const { code, stdout, stderr } = await stage(name, world, placesOn(disk), input, disk.prefix);
      expect([name, part, code, stdout], stderr).toEqual([name, part, 74, '']);
      expect(stderr).toMatch(FULL);
      expect(stderr, 'names what could not be written').toMatch(/^aot-[a-z]+: cannot [^\n]*'[^']+'/);
      expect(stderr).toMatch(/\nhint: free some space/);
      expect(await commitOf(join(disk.outside, 'repo'))).toBe(undefined);
      makeRoom();
    }
    const { code, stdout, stderr } = await stage(name, world, placesOn(disk), input, disk.prefix);
    expect([name, code, stderr]).toEqual([name, 0, '']);
    input = stdout;
  }
  expect(await commitOf(join(disk.outside, 'repo'))).toBe(JSON.parse(input).commit);
});

it('apt-ostree ends with 1, the ref stays, and no file is written in part', async () => {
  const { cachedir, repo } = placesOn(disk);
  const json = join(disk.path, 'compose.json');
  const lock = join(disk.path, 'lock.json');
  const [command, sub, ...options] = world.argv({ cachedir, repo }) as [string, string, ...string[]];
  const compose = (...more: string[]) =>
    tool('apt-ostree', [command, sub, ...more, ...options], { prefix: disk.prefix });
  world.vary('first');
  expect(await compose()).toMatchObject({ code: 0, stderr: '' });
  const before = await commitOf(join(disk.outside, 'repo'));
  // more than what a run that failed leaves to the next one to remove
  world.vary('second', "printf '%08000000d' 0 > /usr/share/zeros");
  for (const left of [0, 16_384, 65_536]) {
    const makeRoom = disk.fill(left);
    const { code, stdout, stderr } = await compose('--write-composejson-to', json, '--write-lockfile-to', lock);
    makeRoom();
    expect([code, stdout], stderr).toEqual([1, '']);
    expect(stderr).toMatch(/^error: cannot [^\n]*'[^']+'/);
    expect(stderr).toMatch(FULL);
    expect(await commitOf(join(disk.outside, 'repo'))).toBe(before);
  }
  expect(await compose('--write-composejson-to', json, '--write-lockfile-to', lock)).toMatchObject({ code: 0 });
  expect(await commitOf(join(disk.outside, 'repo'))).not.toBe(before);
});
