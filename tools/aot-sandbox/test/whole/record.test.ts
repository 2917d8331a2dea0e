import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest, type ScriptRun } from '@apt-ostree/manifest';
import { type PackageSpec, tree } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { lab } from '../lab.ts';

const busy: PackageSpec = {
  name: 'busy',
  files: { '/etc/busy.conf': 'a=1\n', '/usr/share/busy/data': 'data', '/usr/share/busy/old': 'old' },
  conffiles: ['/etc/busy.conf'],
  triggers: 'interest /usr/share/busy',
  scripts: {
    preinst: 'mkdir -p /var/lib/busy; echo "$1" >/var/lib/busy/preinst',
    postinst: [
      'if [ "$1" = triggered ]; then echo "$2" >/var/lib/busy/triggered; exit 0; fi',
      'echo configured >>/var/lib/busy/preinst',
      'chmod 0700 /usr/share/busy/data',
      'rm -r /usr/share/busy/old',
      'start-stop-daemon --start --exec "/bin/a b"',
      'ln -s busy /etc/link',
    ].join('\n'),
  },
};
const poke: PackageSpec = {
  name: 'poke',
  files: { '/usr/share/busy/more': '' },
  scripts: { postinst: 'dpkg-trigger /usr/share/busy' },
};

const rows = (scripts: readonly ScriptRun[], package_: string, script: string) =>
  scripts.filter((s) => s.package === package_ && s.script === script);

/** Every path that differs has an author, and no author claims what did not change. */
function expectAuthors(before: Record<string, string>, after: Record<string, string>, scripts: readonly ScriptRun[]) {
  const claimed = new Set(scripts.flatMap((s) => [...s.created, ...s.changed, ...s.removed]));
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  const differing = [...paths].filter((path) => before[path] !== after[path]).map((path) => `/${path}`);
  expect(differing.filter((path) => !claimed.has(path))).toEqual([]);
}

test('every script has a row with what it did, and every changed path an author', async () => {
  const it = await lab([busy, poke], { leftOver: ['busy'] });
  const before = tree(it.rootfs);
  const result = await it.run();
  expect(result.stderr).not.toContain('aot-sandbox:');
  const { scripts, state } = parseManifest(result.stdout, ['aot.rootfs/v1'], 'the tool');
  expect(state).toBe('configured');
  const [preinst] = rows(scripts, 'busy:all', 'preinst');
  expect(preinst).toMatchObject({ args: ['install'], exit: 0, created: ['/var/lib/busy', '/var/lib/busy/preinst'] });
  const [postinst] = rows(scripts, 'busy:all', 'postinst');
  expect(postinst).toMatchObject({
    args: ['configure', ''],
    calls: [{ program: 'start-stop-daemon', args: ['--start', '--exec', '/bin/a b'] }],
    created: ['/etc/link'],
    changed: ['/usr/share/busy/data', '/var/lib/busy/preinst'],
    removed: ['/usr/share/busy/old'],
  });
  expect(rows(scripts, 'busy:all', 'trigger')).toMatchObject([
    { args: ['triggered', '/usr/share/busy'], created: ['/var/lib/busy/triggered'] },
  ]);
  expect(rows(scripts, 'dpkg', 'configure').flatMap((r) => r.created)).toContain('/etc/busy.conf');
  expect(rows(scripts, 'dpkg', 'unpack').flatMap((r) => r.created)).toContain('/usr/share/busy/data');
  expectAuthors(before, tree(it.rootfs), scripts);
});

test('dpkg ends with everything installed, and its own preinst in its database', async () => {
  const it = await lab([busy, poke], { leftOver: ['busy'] });
  expect((await it.run()).code).toBe(0);
  const status = readFileSync(join(it.rootfs, 'var/lib/dpkg/status'), 'utf8');
  expect(status.match(/^Status: .*/gm)).toEqual(new Array(3).fill('Status: install ok installed'));
  const preinst = join(it.rootfs, 'var/lib/dpkg/info/busy.preinst');
  expect(readFileSync(preinst, 'utf8')).toContain('/var/lib/busy/preinst');
  expect(lstatSync(join(it.rootfs, 'var/lib/dpkg/info/busy.postinst')).isSymbolicLink()).toBe(false);
});

test('of what a script printed, the last lines are kept', async () => {
  const talks = 'i=0; while [ $i -lt 100 ]; do i=$((i + 1)); echo "line $i"; done; echo; echo done >&2';
  const it = await lab(
    [
      { name: 'talks', scripts: { preinst: 'echo before', postinst: talks } },
      { name: 'quiet', scripts: { postinst: 'true' } },
    ],
    { leftOver: ['talks'] },
  );
  const { scripts } = parseManifest((await it.run()).stdout, ['aot.rootfs/v1'], 'the tool');
  const lines = Array.from({ length: 13 }, (_, i) => `line ${i + 88}\n`).join('');
  expect(rows(scripts, 'talks:all', 'preinst')).toMatchObject([{ output: 'before' }]);
  expect(rows(scripts, 'talks:all', 'postinst')).toMatchObject([{ output: `${lines}done` }]);
  expect(rows(scripts, 'quiet:all', 'postinst')[0]).not.toHaveProperty('output');
});

test.each([
  { on: 'on a base', base: { commit: '0'.repeat(64), timestamp: 0, inactive: [] } },
  { on: 'on nothing', base: undefined },
])('$on, each preinst finds configured what its package pre-depends on, and the record is whole', async ({ base }) => {
  const names = Array.from({ length: 18 }, (_, i) => `link-${i}`);
  const made = (i: number) => `/usr/share/made-${i}`;
  const packages = names.map((name, i) => ({
    name,
    control: i === 0 ? {} : { 'Pre-Depends': `link-${i - 1}` },
    files: { [`/usr/share/${name}`]: name },
    scripts: { preinst: i === 0 ? 'true' : `[ -e ${made(i - 1)} ]`, postinst: `echo >${made(i)}` },
  }));
  const it = await lab(packages, { leftOver: names });
  it.manifest.base = base;
  it.manifest.plan = names.flatMap((name) => [
    { action: 'unpack', packages: [`${name}:all`] },
    { action: 'configure', packages: [`${name}:all`] },
  ]);
  const before = tree(it.rootfs);
  const result = await it.run();
  expect(result.stderr).not.toContain('aot-sandbox:');
  expectAuthors(before, tree(it.rootfs), parseManifest(result.stdout, ['aot.rootfs/v1'], 'the tool').scripts);
  const status = readFileSync(join(it.rootfs, 'var/lib/dpkg/status'), 'utf8');
  expect(status.match(/^Status: install ok installed$/gm)?.length).toBe(19);
});

test('progress counts scripts', async () => {
  const it = await lab([busy, poke], { leftOver: ['busy'] });
  const { progress } = await it.run([], { progress: true });
  const own = progress.filter((e) => e.phase === 'scripts');
  expect(own[0]).toMatchObject({ type: 'begin', done: 0 });
  expect(own.at(-1)).toMatchObject({ type: 'end' });
  expect(own.at(-1)?.done).toBe(own.at(-1)?.total);
});

test('the tree does not depend on where and when', async () => {
  const trees = [];
  for (const env of [
    { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'UTC', DEBIAN_FRONTEND: 'dialog' },
  ]) {
    const it = await lab([
      {
        ...busy,
        scripts: {
          postinst: 'env | sort >/etc/environment; umask >>/etc/environment; hostname >>/etc/environment || true',
        },
      },
    ]);
    expect((await it.run([], { env: { ...env, SOURCE_DATE_EPOCH: '1700000000' } })).code).toBe(0);
    trees.push(readFileSync(join(it.rootfs, 'etc/environment'), 'utf8'));
  }
  expect(trees[0]).toBe(trees[1]);
  expect(trees[0]).toContain('SOURCE_DATE_EPOCH=1700000000');
  expect(trees[0]).toContain('0022');
});

test('a package that brought no hashes gets them, as from dpkg', async () => {
  const it = await lab([{ name: 'plain', files: { '/usr/share/plain': 'plain' } }, { name: 'empty' }]);
  rmSync(join(it.rootfs, 'var/lib/dpkg/info/plain.md5sums'));
  expect(await it.run()).toMatchObject({ code: 0 });
  const hashes = (name: string) => readFileSync(join(it.rootfs, `var/lib/dpkg/info/${name}.md5sums`), 'utf8');
  expect(hashes('plain')).toBe('ac7938d40cfc2307e2bf325d28e7884e  usr/share/plain\n');
  expect(hashes('empty')).toBe('');
});
