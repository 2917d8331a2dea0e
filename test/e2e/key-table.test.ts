import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostArchitecture } from '@apt-ostree/testkit';
import { TREEFILE_KEYS } from '@apt-ostree/treefile/keys';
import { beforeAll, expect, test } from 'vitest';
import reference from '../../libs/treefile/test/rpm-ostree-keys.json' with { type: 'json' };
import { TOP } from '../lib/checkout.ts';
import { type Keys, type KeyTree, KeyTrees, WITHOUT_USER } from '../lib/key-trees.ts';

let trees: KeyTrees;
beforeAll(async () => {
  trees = await KeyTrees.make();
});

/** What a tree with the key shows, and what the same look shows in the tree without it. */
interface Effect {
  look(tree: KeyTree): unknown;
  /** The tree that has the key: full unless said. */
  in?: 'next' | 'loose' | 'container';
  with: unknown;
  /** In the plain tree. */
  without: unknown;
}

/** A key that only forbids: keys, of which a compose is refused with this text. */
interface Refused {
  keys: Keys;
  says: RegExp;
}

const has = (path: string) => (tree: KeyTree) => path in tree.paths;
const is = (path: string) => (tree: KeyTree) => tree.paths[path];
const version = (name: string) => (tree: KeyTree) => tree.packages.find((p) => p.startsWith(`${name} `))?.split(' ')[1];
const reads = (path: string, pattern: RegExp) => async (tree: KeyTree) =>
  pattern.exec((await tree.file(path)) ?? '')?.[0];
const says =
  (key: string, detached = false) =>
  (tree: KeyTree) =>
    tree.metadata(key, detached);
const carries = (key: string) => (tree: KeyTree) => tree.treefile[key];
const passwd = (name: string) => reads('/usr/etc/passwd', new RegExp(`^${name}:`, 'm'));
const extra = { look: version('extra'), with: '1.0-1', without: undefined };
const here = (name: string): Effect => ({ look: version(name), with: '1.0-1', without: undefined });
const UNIT = '/usr/etc/systemd/system';
const ONLY_APT = ['/usr/etc/apt/apt.conf.d/90apt-ostree', '/usr/lib/apt-ostree/apt-hook'];
const SHIM = [...ONLY_APT, '/usr/etc/dpkg/dpkg.cfg.d/apt-ostree'];

const TABLE: Record<string, Effect | Refused> = {
  edition: { look: carries('edition'), with: '2014', without: undefined },
  ref: { look: says('ostree.ref-binding'), with: "['keys/full']", without: "['keys/plain']" },
  metadata: { look: carries('metadata'), with: { team: 'images' }, without: undefined },
  basearch: {
    keys: { basearch: hostArchitecture() === 'arm64' ? 'amd64' : 'arm64' },
    says: /is for '\w+', and this machine is/,
  },
  variables: { look: carries('ref'), with: 'keys/full', without: 'keys/plain' },
  repovars: extra, // whose archive is at a path with a variable,
  releasever: extra, // and a suite with another
  repos: extra,
  'lockfile-repos': { look: version('pinned'), with: '1', without: undefined },
  'trusted-repos': here('unsigned'),
  selinux: { keys: { selinux: true }, says: /'selinux: true'.*not labelled/ },
  'ignore-devices': {
    keys: { 'ignore-devices': false, stages: { 'after-sandbox': './stage.sh' } },
    says: /special files: '\/usr\/lib\/device'/,
  },
  sysusers: { look: passwd('web'), with: 'web:', without: undefined },
  'gpg-key': {
    look: async (tree) => (await tree.metadata('ostree.gpgsigs', true)) !== undefined,
    ...{ with: true, without: false },
  },
  include: here('included'),
  'arch-include': here('by-architecture'),
  'conditional-include': here('conditional'),
  packages: here('unsigned'),
  'packages-$basearch': here('native'),
  'repo-packages': { look: version('both'), with: '2', without: '3' },
  'exclude-packages': { look: version('nice'), with: undefined, without: '1.0-1' },
  'ostree-layers': { look: has('/usr/lib/layer'), with: true, without: false },
  'ostree-override-layers': {
    look: reads('/usr/share/app/one', /.*/),
    ...{ with: 'override', without: '/usr/share/app/one' },
  },
  container: { look: says('ostree.linux'), in: 'container', with: undefined, without: "'1'" },
  recommends: { look: version('nice'), in: 'container', with: undefined, without: '1.0-1' },
  documentation: { look: has('/usr/share/doc/app/README'), with: false, without: true },
  'install-langs': { look: has('/usr/share/locale/fr/a.mo'), with: false, without: true },
  'initramfs-args': {
    look: reads('/usr/lib/modules/1/initramfs.img', /--own-argument/),
    ...{ with: '--own-argument', without: undefined },
  },
  'no-initramfs': { look: has('/usr/lib/modules/1/initramfs.img'), in: 'next', with: false, without: true },
  'readonly-executables': { look: is('/usr/bin/app'), with: '-00555', without: '-00755' },
  'boot-location': { keys: { 'boot-location': 'new' }, says: /'boot-location: new'.*\/usr\/lib\/modules/ },
  'tmp-is-dir': { look: is('/tmp'), with: '→ sysroot/tmp', without: 'd01777' },
  'opt-usrlocal': { look: is('/opt'), with: 'd00755', without: '→ var/opt' },
  units: { look: has(`${UNIT}/multi-user.target.wants/app.service`), with: true, without: false },
  'default-target': {
    look: is(`${UNIT}/default.target`),
    ...{ with: '→ /usr/lib/systemd/system/rescue.target', without: undefined },
  },
  'machineid-compat': { look: has('/usr/etc/machine-id'), with: false, without: true },
  'automatic-version-prefix': { look: says('version'), with: "'7'", without: undefined },
  'automatic-version-suffix': { look: says('version'), in: 'next', with: "'7-1'", without: undefined },
  'mutate-os-release': {
    look: reads('/usr/lib/os-release', /^PRETTY_NAME=.*/m),
    ...{ with: 'PRETTY_NAME="7 system"', without: 'PRETTY_NAME="Tiny system"' },
  },
  'etc-group-members': {
    keys: { 'etc-group-members': ['adm', 'wheel'] },
    says: /in \/etc\/group: 'wheel' not in the tree/,
  },
  'preserve-passwd': { look: passwd('app'), in: 'loose', with: undefined, without: 'app:' },
  'check-passwd': {
    keys: { 'check-passwd': { type: 'data', entries: { app: 7 } } },
    says: /user 'app' was 7 and is 999/,
  },
  'check-groups': {
    keys: { 'check-groups': { type: 'data', entries: { app: 7 } } },
    says: /group 'app' was 7 and is 999/,
  },
  'ignore-removed-users': { look: passwd('app'), in: 'next', with: undefined, without: 'app:' },
  'ignore-removed-groups': {
    look: reads('/usr/etc/group', /^app:/m),
    ...{ in: 'next', with: undefined, without: 'app:' },
  },
  'postprocess-script': { look: reads('/usr/lib/order', /^script$/m), with: 'script', without: undefined },
  postprocess: { look: reads('/usr/lib/order', /^inline$/m), with: 'inline', without: undefined },
  'add-files': { look: has('/usr/etc/own.conf'), with: true, without: false },
  'remove-files': { look: has('/usr/lib/app'), with: false, without: true },
  'remove-from-packages': { look: has('/usr/share/app/two.bak'), with: false, without: true },
  'add-commit-metadata': { look: says('own'), with: "'value'", without: undefined },
  'repo-metadata': {
    look: async (tree) => (await tree.metadata('aptostree.indices', true)) !== undefined,
    ...{ with: true, without: false },
  },
  'advisories-metadata': { keys: { 'advisories-metadata': 'inline' }, says: /carry no advisories/ },
  'container-cmd': { look: carries('container-cmd'), with: ['/bin/sh'], without: undefined },
  cliwrap: { look: (tree) => SHIM.filter((path) => path in tree.paths), in: 'loose', with: SHIM, without: [] },
  'cliwrap-binaries': { look: (tree) => SHIM.filter((path) => path in tree.paths), with: ONLY_APT, without: [] },
  debconf: { look: reads('/usr/lib/answers', /.+/), with: 'app app/colour string blue', without: undefined },
  stages: { look: has('/usr/lib/marked'), with: true, without: false },
};

/** Additions of ours that need more than a tree, and the tests that show them. */
const ELSEWHERE = {
  'machine-repos': 'libs/apt/test/sources.test.ts',
  disk: 'test/e2e/compose-disk.test.ts',
  'base-image': 'test/e2e/base-image.test.ts',
};

test.each(Object.entries(ELSEWHERE))('%s has its test', (name, file) => {
  expect(readFileSync(join(TOP, file), 'utf8')).toContain(name);
});

test('every key has its row', () => {
  const usable = TREEFILE_KEYS.filter((k) => k.status !== 'refused' && k.status !== 'derive').map((k) => k.name);
  expect([...Object.keys(TABLE), ...Object.keys(ELSEWHERE)].sort()).toEqual(usable.sort());
  const rows = new Set([...Object.keys(TABLE), ...reference.refused]);
  expect(reference.base.filter((name) => !rows.has(name))).toEqual([]);
});

const effects = Object.entries(TABLE).filter((row): row is [string, Effect] => 'look' in row[1]);
const refusals = Object.entries(TABLE).filter((row): row is [string, Refused] => 'says' in row[1]);

test.each(effects)('%s is seen in the tree', async (_, row) => {
  expect(row.with).not.toEqual(row.without);
  expect(await row.look(trees.tree(row.in ?? 'full'))).toEqual(row.with);
  expect(await row.look(trees.tree('plain'))).toEqual(row.without);
});

test.each(refusals)('%s is held to', async (_, row) => {
  expect((await trees.refuse(row.keys)).message).toMatch(row.says);
});

test('a device that a stage made is left out', () => {
  expect(Object.keys(trees.tree('full').paths).filter((path) => /device|marked/.test(path))).toEqual([
    '/usr/lib/marked',
  ]);
});

// The trees without the user were composed: here they are not, without the key that allows it.
test.each([
  ['ignore-removed-users', 'ignore-removed-groups', /user 'app' is gone$/],
  ['ignore-removed-groups', 'ignore-removed-users', /group 'app' is gone$/],
])('without %s a compose is refused', async (_, other, message) => {
  const keys = { packages: WITHOUT_USER, [other]: ['*'] };
  const refusal = await trees.refuse(keys, '--parent', trees.tree('plain').commit);
  expect(refusal.message).toMatch(message);
});
