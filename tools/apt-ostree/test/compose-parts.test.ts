import { comparePackages, differenceRows, type Package } from '@apt-ostree/host';
import type { ScriptRun } from '@apt-ostree/manifest';
import { expect, test } from 'vitest';
import { authorOf } from '../src/compose/author.ts';
import { differences, parseListing } from '../src/compose/listing.ts';
import { withoutPostprocess } from '../src/compose/without-postprocess.ts';

const packageDifference = (from: Package[], to: Package[], native: string) =>
  differenceRows(comparePackages(from, to, native));
const p = (name: string, version: string, architecture = 'amd64') => ({ name, version, architecture });

test('packages are compared by Debian versions, and sorted by kind and name', () => {
  const before = [p('a', '1.0~rc1-1'), p('b', '2:1'), p('gone', '1'), p('same', '1'), p('moved', '1', 'all')];
  const after = [p('same', '1'), p('a', '1.0-1'), p('b', '1:9'), p('new', '1'), p('moved', '2'), p('c', '1', 'i386')];
  expect(packageDifference(before, after, 'amd64')).toEqual([
    ['c', 0, { NewPackage: ['c', '1', 'i386'] }],
    ['new', 0, { NewPackage: ['new', '1', 'amd64'] }],
    ['gone', 1, { PreviousPackage: ['gone', '1', 'amd64'] }],
    ['a', 2, { PreviousPackage: ['a', '1.0~rc1-1', 'amd64'], NewPackage: ['a', '1.0-1', 'amd64'] }],
    ['moved', 2, { PreviousPackage: ['moved', '1', 'all'], NewPackage: ['moved', '2', 'amd64'] }],
    ['b', 3, { PreviousPackage: ['b', '2:1', 'amd64'], NewPackage: ['b', '1:9', 'amd64'] }],
  ]);
});

test("a foreign architecture's package stands beside the native one", () => {
  expect(packageDifference([p('a', '1')], [p('a', '1'), p('a', '1', 'i386')], 'amd64')).toEqual([
    ['a', 0, { NewPackage: ['a', '1', 'i386'] }],
  ]);
});

const [A, B, C] = ['a', 'b', 'c'].map((c) => c.repeat(64));

test('listings differ in content, mode, metadata of directories and in what is there', () => {
  const one = parseListing(
    `d00755 0 0      0 ${A} ${B} /\n-00644 0 0      5 ${A} /file\nl00777 0 0      0 ${A} /link -> file\n-00644 0 0 1 ${A} /mode\nd00755 0 0 0 ${A} ${B} /dir\n`,
  );
  const two = parseListing(
    `d00755 0 0      0 ${C} ${B} /\n-00644 0 0      5 ${C} /file\nl00777 0 0      0 ${A} /link -> file\n-00600 0 0 1 ${A} /mode\nd00755 0 0 0 ${A} ${C} /dir\n-00644 0 0 1 ${A} /new\n`,
  );
  expect([...one.keys()]).toEqual(['/', '/file', '/link', '/mode', '/dir']);
  expect(differences(one, two)).toEqual(['/dir', '/file', '/mode', '/new']);
});

test('a path has the script that wrote it last as its author, under its path before the layout was made', () => {
  const script = (package_: string, created: string[], changed: string[] = []): ScriptRun => ({
    ...{ package: package_, script: 'postinst', args: [], exit: 0, durationMs: 1, calls: [] },
    ...{ created, changed, removed: [] },
  });
  const scripts = [script('ssl-cert:all', ['/etc/ssl/key', '/usr/x']), script('later:all', [], ['/etc/ssl/key'])];
  expect(authorOf('/usr/etc/ssl/key', scripts)).toBe('later:all postinst');
  expect(authorOf('/usr/x', scripts)).toBe('ssl-cert:all postinst');
  expect(authorOf('/usr/lib/sysimage/dpkg/status', [script('dpkg', ['/var/lib/dpkg/status'])])).toBe('dpkg postinst');
  expect(authorOf('/usr/lib/modules/6/initramfs.img', scripts)).toBe('aot-commit');
});

test('what comes after configuring is left out of a treefile', () => {
  const treefile = {
    ref: 'a',
    packages: ['b'],
    postprocess: ['x'],
    'postprocess-script': 's',
    units: ['u'],
    debconf: {},
  };
  expect(withoutPostprocess(treefile)).toEqual({ ref: 'a', packages: ['b'], debconf: {} });
});
