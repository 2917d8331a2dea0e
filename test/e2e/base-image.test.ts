import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackagesManifest } from '@apt-ostree/manifest';
import { readCommit, resolveRevision } from '@apt-ostree/ostree';
import { fakeRegistry } from '@apt-ostree/testkit/fake-registry';
import { beforeAll, expect, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
let commits: Commits;
beforeAll(async () => {
  lab = await ComposeLab.open();
  commits = new Commits(lab.repo);
  await lab.archive('app', { packages: [APP, { name: 'app', version: '1' }, { name: 'more' }] });
  await exportImage('test/tree');
});

const APP = {
  name: 'app',
  version: '2',
  files: { '/usr/bin/app': 'x', '/etc/app.conf': 'x' },
  scripts: { postinst: 'test -e /usr/share/doc/fine || test -d /usr; echo "$1" > /usr/lib/app-configured' },
};

const image = (): string => `oci:${join(lab.directory, 'image')}:13`;

async function exportImage(ref: string, output = image()): Promise<void> {
  const args = ['--repo', lab.repo, '--ref', ref, '--output', output];
  const { code, stderr } = await lab.tool('aot-ociexport', args);
  expect(code, stderr).toBe(0);
}

const treefile = (keys: Record<string, unknown> = {}, ref = 'test/derived') =>
  lab.treefile({ ref, repos: ['base', 'app'], 'base-image': image(), packages: ['app'], ...keys });

const lock = (): string => join(lab.directory, 'lock.json');

test('a tree starts from an image: its packages stay, those of the treefile are added and configured', async () => {
  const file = treefile({ packages: ['app', 'fine'] });
  const { code, stderr } = await lab.compose(file, '--write-lockfile-to', lock());
  expect(code, stderr).toBe(0);
  const list = (await commits.metadata('test/derived', 'aptostree.packages')) ?? '';
  const names = [...list.matchAll(/\('([^']+)', '([^']+)'/g)].map(([, name, version]) => `${name} ${version}`);
  expect(names).toEqual(expect.arrayContaining(['app 2', 'fine 1.0-1']));
  expect(await commits.file('test/derived', '/usr/lib/app-configured')).toBe('configure\n');
  expect(await commits.file('test/derived', '/usr/etc/app.conf')).toBe('x');
  const before = await commits.paths('test/tree');
  const after = await commits.paths('test/derived');
  expect(Object.keys(before).filter((path) => !(path in after))).toEqual([]);
  const keys = Object.keys(readCommit(lab.repo, resolveRevision(lab.repo, 'test/derived')).metadata);
  expect(keys).toContain('aptostree.treefile');
  expect(keys).not.toContain('aptostree.clientlayer');

  const { base, packages } = JSON.parse(readFileSync(lock(), 'utf8')) as PackagesManifest;
  expect(packages.map((p) => p.name)).toEqual(['app']);
  expect(base).toMatchObject({
    image: { reference: image(), digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    inactive: [{ request: 'fine', by: 'fine_1.0-1_all' }],
  });

  const again = await lab.compose(file);
  expect(again, again.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('No apparent changes') });
});

test('what it adds can be of an earlier version that a lock holds, and can be left out', async () => {
  const one = treefile({ packages: ['app=1'] }, 'test/one');
  const file = join(lab.directory, 'one.json');
  expect(await lab.compose(one, '--write-lockfile-to', file)).toMatchObject({ code: 0 });
  const out = join(lab.directory, 'out.json');
  const wider = treefile({ packages: ['app', 'more'] }, 'test/one');
  expect(await lab.compose(wider, '--dry-run', '--lockfile', file, '--write-lockfile-to', out)).toMatchObject({
    code: 0,
  });
  const { packages } = JSON.parse(readFileSync(out, 'utf8')) as PackagesManifest;
  expect(packages.map((p) => `${p.name} ${p.version}`)).toEqual(['app 1', 'more 1.0-1']);
});

test('a package of the image that would change is named', async () => {
  await lab.archive('newer', { packages: [{ name: 'fine', version: '9' }] });
  const file = treefile({ repos: ['base', 'newer'], packages: ['fine=9'] });
  expect((await lab.refuse(file)).message).toContain("'fine' 1.0-1 would be upgraded to 9");
});

test('a lock pins the image, and another image is another input', async () => {
  const file = treefile({ packages: ['app', 'fine'] });
  const locked = await lab.compose(file, '--lockfile', lock());
  expect(locked, locked.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('No apparent changes') });
  await exportImage('test/derived');
  expect(await lab.refuse(file, '--lockfile', lock())).toMatchObject({
    message: expect.stringMatching(/cannot use the lock: '.*' is now 'sha256:.*', not 'sha256:/),
  });
  const { code, stdout, stderr } = await lab.compose(file);
  expect(code, stderr).toBe(0);
  expect(stdout).not.toContain('No apparent changes');
  expect(await commits.file('test/derived', '/usr/lib/app-configured')).toBe('configure\n');
});

test('of a registry: without the network what was fetched last is used, and a lock pins it by its digest', async () => {
  const registry = await fakeRegistry();
  const name = `${registry.host}/team/os:13`;
  await exportImage('test/tree', `registry:${name}`);
  const file = treefile({ 'base-image': name }, 'test/registry');
  const kept = join(lab.directory, 'registry.json');
  const first = await lab.compose(file, '--write-lockfile-to', kept);
  expect(first, first.stderr).toMatchObject({ code: 0 });
  await exportImage('test/one', `registry:${name}`); // behind the same tag
  registry.seen.length = 0;
  for (const args of [['--cache-only'], ['--lockfile', kept], ['--lockfile', kept, '--cache-only']]) {
    const again = await lab.compose(file, ...args);
    expect(again, again.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('No apparent changes') });
  }
  expect(registry.seen.filter(({ path }) => path.includes('/blobs/') && !path.includes('config'))).toHaveLength(1);
  const other = await lab.compose(file);
  expect(other, other.stderr).toMatchObject({ code: 0, stdout: expect.not.stringContaining('No apparent changes') });
});

test('an image that is not there, no image, and a stage alone', async () => {
  const missing = treefile({ 'base-image': `oci:${join(lab.directory, 'nothing')}:13` });
  expect((await lab.refuse(missing)).message).toContain('nothing');
  expect((await lab.refuse(treefile({ 'base-image': 'oci:' }))).message).toContain("cannot use 'oci:' as an image");
  const alone = await lab.tool('aot-resolve', [treefile()]);
  expect(alone).toMatchObject({ code: 64, stderr: expect.stringContaining("option '--base' is missing") });
  const unseen = treefile({ 'base-image': '127.0.0.1:1/team/os:13' });
  const offline = await lab.refuse(unseen, '--cache-only');
  expect(offline).toMatchObject({ message: expect.stringContaining('without the network') });
  writeFileSync(join(lab.directory, 'broken.json'), '{');
  expect((await lab.refuse(treefile(), '--lockfile', join(lab.directory, 'broken.json'))).message).toContain(
    'broken.json',
  );
  rmSync(join(lab.directory, 'image'), { recursive: true });
  expect((await lab.refuse(treefile())).message).toContain('image');
});
