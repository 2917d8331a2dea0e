import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackagesManifest } from '@apt-ostree/manifest';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await ComposeLab.open();
  await offer({ name: 'pinned', version: '1' });
  await lockOf(['pinned'], 'old.json');
  await offer({ name: 'pinned', version: '1' }, { name: 'pinned', version: '2' }, NEEDY, { name: 'needed' });
});

const at = (name: string): string => join(lab.directory, name);
const NEEDY: ArchivePackage = { name: 'needy', control: { Depends: 'needed' } };

/** What the archive `vendor` has from now on. */
const offer = (...packages: ArchivePackage[]) => lab.archive('vendor', { packages });

const treefile = (packages: string[], more = {}) =>
  lab.treefile({ ref: 'locked', repos: ['base', 'vendor'], packages, ...more });

const versions = (file: string): Record<string, string> => {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as PackagesManifest;
  return Object.fromEntries(packages.filter((p) => p.name !== 'tiny-base').map((p) => [p.name, p.version]));
};

async function lockOf(packages: string[], name: string): Promise<string> {
  return lockWith(treefile(packages), name);
}

/** Resolves, and returns the lock that was written. */
async function lockWith(file: string, name: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await lab.compose(file, '--dry-run', '--write-lockfile-to', at(name), ...args);
  expect(code, stderr).toBe(0);
  return at(name);
}

const solved = async (file: string, ...args: string[]) => versions(await lockWith(file, 'out.json', ...args));

test('--write-lockfile-to writes what aot-resolve prints; the older spelling means the same', async () => {
  const file = treefile(['pinned']);
  const { stdout } = await lab.tool('aot-resolve', [file]);
  expect(readFileSync(await lockWith(file, 'written.json'), 'utf8')).toBe(stdout);
  await lab.compose(file, '--dry-run', '--ex-write-lockfile-to', at('spelled.json'));
  expect(readFileSync(at('spelled.json'), 'utf8')).toBe(stdout);
  expect(versions(at('written.json'))).toEqual({ pinned: '2' });
});

describe('--lockfile', () => {
  test('holds versions, in the commit too, and what is not locked is resolved', async () => {
    const file = treefile(['pinned', 'needy']);
    expect(await solved(file, '--lockfile', at('old.json'))).toEqual({ pinned: '1', needy: '1.0-1', needed: '1.0-1' });
    const { code, stderr } = await lab.compose(file, '--ex-lockfile', at('old.json'));
    expect(code, stderr).toBe(0);
    expect(await new Commits(lab.repo).metadata('locked', 'aptostree.packages')).toMatch(/\('pinned', '1', /);
  });

  test('what the treefile no longer asks for is gone', async () => {
    const both = await lockOf(['pinned', 'needy'], 'both.json');
    expect(await solved(treefile(['needy']), '--lockfile', both)).toEqual({ needy: '1.0-1', needed: '1.0-1' });
    expect(await solved(treefile(['needy']), '--lockfile', both, '--lockfile-strict')).not.toHaveProperty('pinned');
  });

  test('of several the later wins', async () => {
    const fresh = await lockOf(['pinned'], 'new.json');
    const both = (...order: string[]) => solved(treefile(['pinned']), ...order.flatMap((lock) => ['--lockfile', lock]));
    expect(await both(at('old.json'), fresh)).toEqual({ pinned: '2' });
    expect(await both(fresh, at('old.json'))).toEqual({ pinned: '1' });
  });

  test('a file that is not there, or is no lock, is named', async () => {
    expect(await lab.refuse(treefile(['pinned']), '--lockfile', at('gone.json'))).toMatchObject({
      exit: 66,
      message: expect.stringContaining(at('gone.json')),
    });
    writeFileSync(at('bad.json'), '{"packages":{}}');
    expect(await lab.refuse(treefile(['pinned']), '--lockfile', at('bad.json'))).toMatchObject({
      exit: 65,
      message: expect.stringContaining(at('bad.json')),
    });
  });
});

describe('--lockfile-strict', () => {
  const strict = (packages: string[]) =>
    lab.refuse(treefile(packages), '--lockfile', at('old.json'), '--lockfile-strict');

  test('is content with a lock that has everything', async () => {
    const words = ['--lockfile', at('old.json'), '--lockfile-strict'];
    expect(await solved(treefile(['pinned']), ...words)).toEqual({ pinned: '1' });
  });

  test('names packages that are not locked, and their dependencies', async () => {
    expect(await strict(['pinned', 'needy'])).toMatchObject({
      ...{ stage: 'resolve', exit: 1 },
      message: "cannot keep to the lock: it lacks 'needed:all' 1.0-1, 'needy:all' 1.0-1",
    });
  });

  test('needs a lock', async () => {
    expect(await lab.refuse(treefile(['pinned']), '--lockfile-strict')).toMatchObject({ exit: 64 });
  });
});

describe('a locked version that the archive no longer has', () => {
  beforeAll(async () => {
    await lab.archive('attic', {
      packages: [
        { name: 'pinned', version: '1' },
        { name: 'pinned', version: '9' },
      ],
    });
    await offer({ name: 'pinned', version: '2' }, NEEDY, { name: 'needed' });
  });

  test.each([[[]], [['--lockfile-strict']]])('is an error that names it %j', async (more) => {
    const refusal = await lab.refuse(treefile(['pinned', 'needy']), '--lockfile', at('old.json'), ...more);
    expect(refusal).toMatchObject({ stage: 'resolve', exit: 1, message: expect.stringContaining("'pinned:all' 1") });
    expect(refusal.hint).toContain('lockfile-repos');
  });

  test('comes from lockfile-repos, which give nothing that is not locked', async () => {
    const file = treefile(['pinned', 'needy'], { 'lockfile-repos': ['attic'] });
    expect(await solved(file, '--lockfile', at('old.json'))).toMatchObject({ pinned: '1', needy: '1.0-1' });
    expect(await solved(file)).toMatchObject({ pinned: '2' });
    const { code, stderr } = await lab.compose(file, '--lockfile', at('old.json'));
    expect(code, stderr).toBe(0);
  });

  test('is found there also by a lock that leaves nothing to solve', async () => {
    const file = treefile(['pinned'], { ref: 'whole', 'lockfile-repos': ['attic'] });
    const { code, stderr } = await lab.compose(file, '--lockfile', at('old.json'), '--lockfile-strict');
    expect(code, stderr).toBe(0);
    expect(await new Commits(lab.repo).metadata('whole', 'aptostree.packages')).toMatch(/\('pinned', '1', /);
  });
});
