import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { names, Workshop } from '../workshop.ts';

const old = [{ name: 'hello', control: { Depends: 'libhello' } }, { name: 'libhello' }, { name: 'more' }];
const current = [...old.filter((p) => p.name !== 'libhello'), { name: 'libhello', version: '2.0-1' }];
const yesterday = new Date(Date.now() - 864e5);
const treefile = { repos: ['vendor'], packages: ['hello'] };

/** A shop with a lock of yesterday's archive. */
async function locked() {
  const shop = new Workshop();
  await shop.archive('vendor', { packages: old, date: yesterday });
  const { stdout } = await shop.run(treefile);
  const lock = shop.write('lock.json', stdout);
  return { shop, lock, stdout };
}

const versions = (m: Awaited<ReturnType<Workshop['resolve']>>) => m.packages.map((p) => `${p.name} ${p.version}`);

test('the same treefile with its lock gives the same bytes, without sources or network', async () => {
  const { lock, stdout } = await locked();
  const elsewhere = new Workshop();
  elsewhere.write(
    'vendor.sources',
    readFileSync(lock.replace('lock.json', 'vendor.sources'), 'utf8').replace(/file:.*/, 'http://127.0.0.1:1/'),
  );
  const again = await elsewhere.run(treefile, '--lockfile', lock);
  expect(again.stderr).toBe('');
  const parse = (text: string) => ({ ...JSON.parse(text), inputs: [] });
  expect(parse(again.stdout)).toEqual(parse(stdout));
});

test('a changed treefile keeps the locked versions and resolves the rest', async () => {
  const { shop, lock } = await locked();
  await shop.archive('vendor', { packages: [...old, { name: 'libhello', version: '2.0-1' }] });
  const manifest = await shop.resolve({ ...treefile, packages: ['hello', 'more'] }, '--lockfile', lock);
  expect(versions(manifest)).toEqual(['hello 1.0-1', 'libhello 1.0-1', 'more 1.0-1']);
});

test('a strict lock lets nothing in that it lacks', async () => {
  const { shop, lock } = await locked();
  const result = await shop.run({ ...treefile, packages: ['hello', 'more'] }, '--lockfile', lock, '--lockfile-strict');
  expect([result.code, result.stdout]).toEqual([1, '']);
  expect(result.stderr).toContain("it lacks 'more:all' 1.0-1");
});

test('what the treefile no longer needs is dropped', async () => {
  const { shop, lock } = await locked();
  expect(names(await shop.resolve({ ...treefile, packages: ['libhello'] }, '--lockfile', lock))).toEqual(['libhello']);
});

test('a stale lock is an error that names what is gone', async () => {
  const { shop, lock } = await locked();
  await shop.archive('vendor', { packages: current });
  const result = await shop.run({ ...treefile, packages: ['hello', 'more'] }, '--lockfile', lock);
  expect([result.code, result.stdout]).toEqual([1, '']);
  expect(result.stderr).toContain("no archive offers 'libhello:all' 1.0-1 any more");
});

test('lockfile-repos are for locked packages only', async () => {
  const { shop, lock } = await locked();
  await shop.archive('vendor', { packages: current });
  await shop.archive('attic', {
    packages: [...old, { name: 'more', version: '7.0-1' }, { name: 'only-there' }],
    date: yesterday,
    origin: 'Attic',
  });
  const keys = { repos: ['vendor'], 'lockfile-repos': ['attic'] };
  const manifest = await shop.resolve({ ...keys, packages: ['hello', 'more'] }, '--lockfile', lock);
  expect(versions(manifest)).toEqual(['hello 1.0-1', 'libhello 1.0-1', 'more 1.0-1']);
  expect(manifest.packages.find((p) => p.name === 'libhello')?.source.id).toBe('attic');
  expect((await shop.run({ ...keys, packages: ['only-there'] }, '--lockfile', lock)).code).toBe(1);
});

test('another file under a locked version is refused', async () => {
  const { shop, lock } = await locked();
  await shop.archive('vendor', {
    packages: [...old.filter((p) => p.name !== 'libhello'), { name: 'libhello', files: { '/evil': 'x' } }],
  });
  const result = await shop.run({ ...treefile, packages: ['hello', 'more'] }, '--lockfile', lock);
  expect([result.code, result.stdout]).toEqual([65, '']);
  expect(result.stderr).toContain("another file as 'libhello:all' 1.0-1");
});

test('of several locks the later wins', async () => {
  const { shop, lock } = await locked();
  await shop.archive('vendor', { packages: [...old, { name: 'libhello', version: '2.0-1' }] });
  const second = shop.write('second.json', (await shop.run({ ...treefile, packages: ['libhello'] })).stdout);
  const both = ['--lockfile', lock, '--lockfile', second];
  expect(versions(await shop.resolve(treefile, ...both))).toEqual(['hello 1.0-1', 'libhello 2.0-1']);
  expect(
    versions(
      await shop.resolve(treefile, ...both.reverse().flatMap((v, i, a) => (i % 2 ? [] : [a[i + 1] as string, v]))),
    ),
  ).toEqual(['hello 1.0-1', 'libhello 1.0-1']);
});

test('a lock that is missing, cut or something else is an error', async () => {
  const { shop, lock, stdout } = await locked();
  const run = (file: string) => shop.run(treefile, '--lockfile', file);
  expect((await run(`${lock}.not`)).code).toBe(66);
  expect((await run(shop.write('cut.json', stdout.slice(0, 200)))).code).toBe(65);
  const foreign = JSON.stringify({ ...JSON.parse(stdout), architecture: 'sparc' });
  expect((await run(shop.write('sparc.json', foreign))).stderr).toContain('it is for sparc, not');
  expect((await run(shop.write('other.json', stdout.replace('aot.packages/v1', 'aot.commit/v1')))).code).toBe(65);
});
