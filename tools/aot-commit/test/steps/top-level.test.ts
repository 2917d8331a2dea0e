import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { apiDirectories } from '../../src/steps/api-directories.ts';
import { libostreePlaces } from '../../src/steps/libostree-places.ts';
import { moveEtc } from '../../src/steps/move-etc.ts';
import { specialFiles } from '../../src/steps/special-files.ts';
import { topLevel } from '../../src/steps/top-level.ts';
import { makeLayout } from '../fixture.ts';

const USR = { 'usr/bin/true': '' };
const UNIT = 'usr/lib/systemd/system/ostree-state-overlay@.service';

describe('the root directory', () => {
  test('directories of the machine are relative links into /var; their content moves with them', () => {
    const { tree, ...layout } = makeLayout({
      ...USR,
      'root/.profile': 'x',
      'home/u/f': 'y',
      'mnt/.keep': '',
      'media/cdrom': { dir: 0o755 },
    });
    topLevel({ ...layout, tree });
    expect(['home', 'root', 'srv', 'mnt', 'media', 'opt', 'ostree'].map((p) => tree.readLink(p))).toEqual([
      ...['var/home', 'var/roothome', 'var/srv', 'var/mnt', 'run/media', 'var/opt', 'sysroot/ostree'],
    ]);
    expect(tree.readLink('usr/local')).toBe('../var/usrlocal');
    expect(tree.readText('root/.profile')).toBe('x');
    expect(tree.readText('var/home/u/f')).toBe('y');
    expect([tree.isDirectory('sysroot'), tree.isDirectory('boot')]).toEqual([true, true]);
  });

  test("root's new home is closed to others when it is made here", () => {
    const { tree, ...layout } = makeLayout(USR);
    topLevel({ ...layout, tree });
    expect(tree.lstat('var/roothome')!.mode & 0o7777).toBe(0o700);
  });

  test('what packages ship in /opt is in /usr/lib/opt, so that updates reach it', () => {
    const { tree, ...layout } = makeLayout({ ...USR, 'opt/vendor/app': 'x', 'var/opt': { dir: 0o755 } });
    topLevel({ ...layout, tree });
    expect(tree.readText('usr/lib/opt/vendor/app')).toBe('x');
    expect(tree.readLink('var/opt/vendor')).toBe('../../usr/lib/opt/vendor');
  });

  test('what packages ship in /usr/local is in /usr/lib/usrlocal, with links beside what is of the machine', () => {
    const { tree, ...layout } = makeLayout({ ...USR, 'usr/local/share/app/data': 'x', 'usr/local/bin/tool': 'y' });
    topLevel({ tree, ...layout });
    expect(tree.readText('usr/lib/usrlocal/share/app/data')).toBe('x');
    expect(tree.readLink('var/usrlocal/share/app/data')).toBe('../../../../usr/lib/usrlocal/share/app/data');
    expect(tree.readLink('var/usrlocal/bin/tool')).toBe('../../../usr/lib/usrlocal/bin/tool');
  });

  test('links that packages ship there move too, and lead where they led', () => {
    const { tree, ...layout } = makeLayout({
      ...USR,
      'opt/vendor/app': 'x',
      'opt/vendor/beside': { link: 'app' },
      'opt/vendor/out': { link: '../../usr/bin/true' },
      'opt/other': { link: 'vendor' },
      'usr/local/share/man/x': 'x',
      'usr/local/man': { link: 'share/man' },
      'usr/local/bin/out': { link: '../../bin/true' },
      'usr/local/bin/absolute': { link: '/usr/bin/true' },
    });
    topLevel({ ...layout, tree });
    const led = ['opt/vendor/beside', 'opt/vendor/out', 'opt/other', 'usrlocal/man', 'usrlocal/bin/out'];
    expect([...led, 'usrlocal/bin/absolute'].map((path) => tree.readLink(`usr/lib/${path}`))).toEqual([
      ...['app', '../../../bin/true', '../../../opt/vendor', '../../local/share/man', '../../../bin/true'],
      '/usr/bin/true',
    ]);
    expect(tree.readLink('var/usrlocal/man')).toBe('../../usr/lib/usrlocal/man');
    expect(tree.readText('usr/local/man/x')).toBe('x');
    expect(tree.followed('opt/other')).toBe('usr/lib/opt/vendor');
  });

  test('opt-usrlocal: root leaves both as directories', () => {
    const { tree, ...layout } = makeLayout(
      { ...USR, 'opt/vendor/app': 'x', 'usr/local/bin/y': 'y' },
      { 'opt-usrlocal': 'root' },
    );
    topLevel({ ...layout, tree });
    expect(tree.isDirectory('opt/vendor')).toBe(true);
    expect(tree.readText('usr/local/bin/y')).toBe('y');
  });

  test('opt-usrlocal: stateoverlay enables the overlays of libostree, or says that it has none', () => {
    const files = { ...USR, 'opt/vendor/app': 'x' };
    const { tree, ...layout } = makeLayout({ ...files, [UNIT]: '' }, { 'opt-usrlocal': 'stateoverlay' });
    topLevel({ ...layout, tree });
    expect(tree.readLink('opt')).toBe('usr/lib/opt');
    expect(tree.list('usr/lib/systemd/system/local-fs.target.wants')).toEqual([
      'ostree-state-overlay@usr-lib-opt.service',
      'ostree-state-overlay@usr-local.service',
    ]);
    expect(() => topLevel(makeLayout(files, { 'opt-usrlocal': 'stateoverlay' }))).toThrow(/no state overlays/);
  });

  test('tmp-is-dir: false makes /tmp a link', () => {
    const { tree, ...layout } = makeLayout({ ...USR, tmp: { dir: 0o1777 } }, { 'tmp-is-dir': false });
    topLevel({ ...layout, tree });
    expect(tree.readLink('tmp')).toBe('sysroot/tmp');
  });

  test('a file in /media cannot be shipped', () => {
    expect(() => topLevel(makeLayout({ ...USR, 'media/x/file': '' }))).toThrow(/'\/media'/);
  });

  test('mount points are empty and have their modes', () => {
    const { tree, ...layout } = makeLayout({ 'run/lock/x': '', 'tmp/y': '', 'dev/null': '', 'proc/z': '' });
    apiDirectories({ ...layout, tree });
    const modes = ['dev', 'proc', 'run', 'sys', 'tmp'].map((p) => [tree.list(p).length, tree.lstat(p)!.mode & 0o7777]);
    expect(modes).toEqual([
      [0, 0o755],
      [0, 0o555],
      [0, 0o755],
      [0, 0o555],
      [0, 0o1777],
    ]);
  });
});

describe('/etc', () => {
  test('becomes /usr/etc', () => {
    const { tree, ...layout } = makeLayout({ 'etc/passwd': 'x' });
    moveEtc({ ...layout, tree });
    expect([tree.exists('etc'), tree.readText('usr/etc/passwd')]).toEqual([false, 'x']);
  });

  test('beside a /usr/etc is an error', () => {
    expect(() => moveEtc(makeLayout({ 'etc/passwd': 'x', 'usr/etc/y': '' }))).toThrow(/'\/usr\/etc' and '\/etc'/);
  });
});

test.each(['ostree/x', 'sysroot/x', 'sysroot/ostree', 'boot/ostree/x', 'boot/loader/entries'])(
  '/%s of a package is an error that names it',
  (path) => {
    const files = {
      [`${path}/file`]: '',
      'var/lib/dpkg/status': 'Package: own\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n',
      'var/lib/dpkg/info/own.list': `/.\n/${path}\n/${path}/file\n`,
    };
    expect(() => libostreePlaces(makeLayout(files))).toThrow(
      new RegExp(`^cannot commit '/${path.split('/').slice(0, 2).join('/')}.*' of package 'own': on a machine, /`),
    );
  },
);

test("the base's link /ostree is no package's, nor is the repository that an image carries along", () => {
  const { tree, ...layout } = makeLayout({ ostree: { link: 'sysroot/ostree' }, 'sysroot/ostree/repo/config': '' });
  libostreePlaces({ ...layout, tree });
  topLevel({ ...layout, tree });
  expect(tree.readLink('ostree')).toBe('sysroot/ostree');
});

describe('special files', () => {
  test('devices go, anything else is an error that names each', () => {
    const { tree, ...layout } = makeLayout({ 'usr/x': '' });
    execFileSync('mknod', [tree.at('usr/dev'), 'c', '1', '3']);
    specialFiles({ ...layout, tree });
    expect(tree.exists('usr/dev')).toBe(false);
    execFileSync('mkfifo', [tree.at('usr/one'), tree.at('usr/two')]);
    expect(() => specialFiles({ ...layout, tree })).toThrow(/'\/usr\/one', '\/usr\/two'/);
  });

  test('ignore-devices: false makes a device an error', () => {
    const { tree, ...layout } = makeLayout({ 'usr/x': '' }, { 'ignore-devices': false });
    execFileSync('mknod', [tree.at('usr/dev'), 'c', '1', '3']);
    expect(() => specialFiles({ ...layout, tree })).toThrow(/'\/usr\/dev'/);
  });
});
