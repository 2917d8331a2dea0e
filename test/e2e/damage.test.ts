import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commitOf, REF, type SmallWorld, smallWorld } from '../lib/small-world.ts';
import { STAGES, type Stage, stage } from '../lib/stages.ts';

let world: SmallWorld;
let right: string;

beforeAll(async () => {
  world = await smallWorld('damage');
  expect(await world.compose()).toMatchObject({ exitCode: 0 });
  right = (await commitOf(world.repo)) as string;
  await run('cp', ['--archive', world.cachedir, whole()]);
});
beforeEach(async () => {
  for (const path of [world.cachedir, world.repo]) rmSync(path, { recursive: true, force: true });
  await run('cp', ['--archive', whole(), world.cachedir]);
});
afterAll(() => world.server.close());

const whole = (): string => join(world.directory, 'whole');
const inCache = (...path: string[]): string => join(world.cachedir, ...path);

/** Puts something else in the place of a file; whoever has a hard link to the old one keeps that. */
function replace(file: string, change: (bytes: Buffer) => Uint8Array | string): void {
  const bytes = readFileSync(file);
  const { mode } = statSync(file);
  rmSync(file);
  writeFileSync(file, change(bytes), { mode });
}

const half = (bytes: Buffer): Uint8Array => bytes.subarray(0, bytes.length >> 1);
const flipped = (bytes: Buffer): Uint8Array => bytes.map((b, i) => (i === bytes.length >> 1 ? b ^ 1 : b));
const nothing = () => '';

/** All files below a directory whose name matches. */
const files = (directory: string, name: RegExp): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => name.test(path) && lstatSync(join(directory, path)).isFile())
    .map((path) => join(directory, path));

/** The object of a file that the trees have and nobody runs. */
function object(content: string): string {
  const all = files(inCache('repo/objects'), /\.file$/);
  return all.find((path) => readFileSync(path, 'utf8') === content) as string;
}

const ONE = 'one\n'.repeat(1000);

/** Takes away a part of the cache, so that what is damaged is needed. */
function without(part: string, damage: () => void): void {
  damage();
  rmSync(inCache(part), { recursive: true });
}

const healed = async (): Promise<void> => {
  const { exitCode, stderr } = await world.compose();
  expect(exitCode, stderr).toBe(0);
  expect(await commitOf(world.repo)).toBe(right);
  const { stdout } = await run('ostree', ['fsck', `--repo=${world.repo}`], { ok: 'any' });
  expect(stdout).toContain('no errors found');
};

const CACHE_DAMAGE: [name: string, damage: () => void][] = [
  ['a cut object of a package', () => without('configured', () => replace(object(ONE), half))],
  ['an empty object of a package', () => without('configured', () => replace(object(ONE), nothing))],
  ['a lost object of a package', () => without('configured', () => rmSync(object(ONE)))],
  ['a cut object of a configured tree', () => replace(object('configured\n'), half)],
  ['a lost object of a configured tree', () => rmSync(object('configured\n'))],
  ['empty commits', () => each(inCache('repo/objects'), /\.commit$/, nothing)],
  ['empty directories', () => each(inCache('repo/objects'), /\.dir(tree|meta)$/, nothing)],
  ['cut refs', () => each(inCache('repo/refs'), /^/, half)],
  ['empty refs', () => each(inCache('repo/refs'), /^/, nothing)],
  ['cut refs of configured trees', () => each(inCache('repo/refs/heads/aot/tree'), /^/, half)],
  ['cut records of packages', () => without('configured', () => each(inCache('imported'), /\.json$/, half))],
  [
    'records of packages that are null',
    () => without('configured', () => each(inCache('imported'), /\.json$/, () => 'null')),
  ],
  ['cut records of configured trees', () => each(inCache('configured'), /\.json$/, half)],
  ['records of configured trees that are null', () => each(inCache('configured'), /\.json$/, () => 'null')],
  ['cut solutions', () => each(inCache('solutions'), /^/, half)],
  ['solutions of another content', () => each(inCache('solutions'), /^/, flipped)],
  ['cut archives', () => without('repo', () => each(inCache('archives'), /\.deb$/, half))],
  ['cut binary caches of apt', () => each(inCache('apt'), /pkgcache\.bin$/, half)],
  ['cut indices', () => without('solutions', () => each(inCache('apt'), /_Packages/, half))],
  ['a package cache without its configuration', () => rmSync(inCache('repo/config'))],
];

function each(directory: string, name: RegExp, change: (bytes: Buffer) => Uint8Array | string): void {
  const found = files(directory, name);
  expect(found.length).toBeGreaterThan(0);
  for (const file of found) replace(file, change);
}

describe('a damaged cache is repaired, and the commit is the right one', () => {
  it.each(CACHE_DAMAGE)('%s', async (_name, damage) => {
    damage();
    await healed();
  });
});

describe('what cannot be repaired is said, with the way out', () => {
  const compose = (...more: string[]) => {
    const [command, sub, ...options] = world.argv() as [string, string, ...string[]];
    return tool('apt-ostree', [command, sub, ...more, ...options.filter((o) => o !== '--no-parent')]);
  };

  it('a cached .deb of the right size and another content', async () => {
    rmSync(inCache('repo'), { recursive: true });
    each(inCache('archives'), /\.deb$/, flipped);
    const { code, stdout, stderr } = await compose();
    expect([code, stdout]).toEqual([1, '']);
    const [, deb] = /hint: remove '([^']+\.deb)'/.exec(stderr) ?? [];
    expect(stderr).toMatch(/^error: cannot (verify|read|import|unpack) '[^']+\.deb'/);
    expect(deb, stderr).toBeDefined();
    rmSync(inCache('archives'), { recursive: true });
    await healed();
  });

  const broken: [name: string, damage: () => void, message: RegExp][] = [
    ['without its configuration', () => rmSync(join(world.repo, 'config')), /^error: cannot use repository '[^']+'/],
    [
      'without the commit of its ref',
      () => rmSync(files(join(world.repo, 'objects'), /\.commit$/)[0] as string),
      /^error: cannot read (commit|repository) '[^']+'/,
    ],
    [
      'with a cut ref',
      () => replace(join(world.repo, 'refs/heads', REF), half),
      /^error: cannot read repository '[^']+'/,
    ],
  ];
  it.each(broken)("a user's repository %s", async (_name, damage, message) => {
    expect(await compose()).toMatchObject({ code: 0 });
    damage();
    const { code, stdout, stderr } = await compose('--force-nocache');
    expect([code, stdout], stderr).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\nhint: .*(fsck|--no-parent)/);
  });
});

describe('places that cannot be written', () => {
  /** Makes a directory read-only for the command alone. */
  const readOnly = (directory: string): string[] => {
    const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
    return ['unshare', '--mount', 'sh', '-c', script, directory];
  };

  it.each(STAGES)('%s ends with 73 and names the place', async (name: Stage) => {
    const rootfs = join(world.directory, 'work/root');
    rmSync(join(world.directory, 'work'), { recursive: true, force: true });
    const places = { cachedir: world.cachedir, repo: world.repo, rootfs };
    let input = '';
    for (const earlier of STAGES.slice(0, STAGES.indexOf(name)))
      input = (await stage(earlier, world, places, input)).stdout;
    rmSync(inCache('solutions'), { recursive: true });
    mkdirSync(rootfs, { recursive: true });
    await run('ostree', ['init', '--mode=bare', `--repo=${world.repo}`]);
    const place: Record<Stage, string> = {
      'aot-resolve': world.cachedir,
      'aot-fetch': world.cachedir,
      'aot-unpack': world.cachedir,
      'aot-sandbox': join(rootfs, '..'),
      'aot-commit': world.repo,
    };
    if (name === 'aot-fetch') rmSync(inCache('archives'), { recursive: true });
    if (name === 'aot-unpack') rmSync(inCache('repo'), { recursive: true });
    const { code, stdout, stderr } = await stage(name, world, places, input, readOnly(place[name]));
    expect([code, stdout], stderr).toEqual([73, '']);
    expect(stderr).toContain(place[name]);
  });
});

it('without user namespaces an ordinary user is told what is missing', async () => {
  const jail = [
    'bwrap',
    '--unshare-user',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--disable-userns',
    '--dev-bind',
    '/',
    '/',
  ];
  for (const [name, args] of [
    ['aot-unpack', ['--rootfs', join(world.directory, 'nowhere')]],
    ['aot-sandbox', []],
    ['aot-commit', ['--repo', world.repo]],
  ] as const) {
    const { code, stdout, stderr } = await tool(name, args, { prefix: [...jail, '--'] });
    expect([code, stdout]).toEqual([71, '']);
    expect(stderr).toMatch(/cannot enter a user namespace\nhint: run as root, or install 'uidmap'/);
  }
});
