import { linkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { byteCode, clean, maskUnits, regenerate } from '@apt-ostree/layout';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import masked from '../../../../libs/layout/src/data/masked.json' with { type: 'json' };
import { aptHook } from '../../src/steps/apt-hook.ts';
import { machineId } from '../../src/steps/machine-id.ts';
import { osRelease } from '../../src/steps/os-release.ts';
import { readonlyExecutables } from '../../src/steps/readonly-executables.ts';
import { shim } from '../../src/steps/shim.ts';
import { makeLayout, type Spec } from '../fixture.ts';

const run = (
  step: (layout: ReturnType<typeof makeLayout>) => void,
  files: Record<string, Spec>,
  treefile = {},
  version: string | null = null,
) => {
  const layout = { ...makeLayout(files, treefile), version };
  step(layout);
  return layout.tree;
};

describe('what names the build machine or a run', () => {
  test('is gone: locks, backups, host name, resolver, secrets, links into /boot', () => {
    const files = [
      ...['etc/.pwd.lock', 'etc/passwd-', 'etc/gshadow-', 'etc/hostname', 'etc/resolv.conf', 'etc/ld.so.cache~'],
      ...['etc/.resolv.conf.systemd-resolved.bak', 'var/lib/dbus/machine-id', 'var/lib/systemd/random-seed'],
      ...['var/lib/dpkg/lock', 'var/lib/dpkg/lock-frontend', 'var/lib/dpkg/status-old', 'var/lib/dpkg/triggers/Lock'],
      ...['var/cache/debconf/config.dat-old', 'var/lib/sgml-base/supercatalog.old', 'usr/sbin/policy-rc.d'],
    ];
    const tree = run(clean, { ...Object.fromEntries(files.map((f) => [f, 'x'])), vmlinuz: { link: 'boot/vmlinuz-1' } });
    expect([...files, 'vmlinuz'].filter((f) => tree.exists(f))).toEqual([]);
  });

  test('a resolver link that a package made stays, and what only looks alike', () => {
    const kept: Record<string, Spec> = {
      'etc/resolv.conf': { link: '../run/systemd/resolve/stub-resolv.conf' },
      'var/lib/dpkg/status': 'x',
      'var/lib/dpkg/diversions': 'x',
      'etc/passwd': 'x',
    };
    const tree = run(clean, kept);
    expect(Object.keys(kept).every((f) => tree.exists(f))).toBe(true);
  });

  test('a policy-rc.d that a package ships stays', () => {
    const tree = run(clean, { 'usr/sbin/policy-rc.d': 'x', 'var/lib/dpkg/info/p.list': '/.\n/usr/sbin/policy-rc.d\n' });
    expect(tree.exists('usr/sbin/policy-rc.d')).toBe(true);
  });

  test('machine-id is empty with machineid-compat and absent without', () => {
    expect(run(machineId, { 'etc/machine-id': 'abc\n' }).readText('etc/machine-id')).toBe('');
    expect(run(machineId, { 'etc/machine-id': 'abc\n' }, { 'machineid-compat': false }).exists('etc/machine-id')).toBe(
      false,
    );
  });
});

describe('what scripts made from chance', () => {
  const ssh: Record<string, Spec> = {
    'etc/ssh/ssh_host_rsa_key': 'secret',
    'etc/ssh/ssh_host_rsa_key.pub': 'x',
    'etc/ssh/sshd_config': 'kept',
    'usr/bin/ssh-keygen': '',
    'usr/sbin/sshd': '',
    'usr/lib/systemd/system': { dir: 0o755 },
  };

  test('ssh host keys are left out and made at the first boot', () => {
    const tree = run(regenerate, ssh);
    expect(tree.list('etc/ssh')).toEqual(['sshd_config']);
    const unit = 'aot-regenerate-ssh-host-keys.service';
    expect(tree.readText(`usr/lib/systemd/system/${unit}`)).toMatch(
      /ConditionPathExistsGlob=!\/etc\/ssh[\s\S]*ExecStart=\/usr\/bin\/ssh-keygen -A\n/,
    );
    expect(tree.readLink(`usr/lib/systemd/system/multi-user.target.wants/${unit}`)).toBe(`../${unit}`);
  });

  test('a tree without the server gets no unit', () => {
    const { 'usr/sbin/sshd': _, ...client } = ssh;
    expect(run(regenerate, client).list('usr/lib/systemd/system')).toEqual([]);
  });

  test('the self-signed certificate goes with its key and the link of its hash; other certificates stay', () => {
    const tree = run(regenerate, {
      'etc/ssl/certs/ssl-cert-snakeoil.pem': 'x',
      'etc/ssl/private/ssl-cert-snakeoil.key': 'x',
      'etc/ssl/certs/62742064.0': { link: 'ssl-cert-snakeoil.pem' },
      'etc/ssl/certs/ca.pem': 'x',
      'etc/ssl/certs/11111111.0': { link: 'ca.pem' },
    });
    expect(tree.list('etc/ssl/certs')).toEqual(['11111111.0', 'ca.pem']);
    expect(tree.list('etc/ssl/private')).toEqual([]);
  });
});

describe('byte code of Python', () => {
  const header = (flags: number, time: number) => {
    const bytes = Buffer.alloc(20, 7);
    bytes.writeUInt32LE(flags, 4);
    bytes.writeUInt32LE(time, 8);
    return bytes.toString('latin1');
  };

  test('that goes by time goes by 0, the time of every file of a deployment', () => {
    const { tree } = makeLayout({ 'usr/lib/a.pyc': '', 'usr/lib/b.pyc': '', 'usr/lib/short.pyc': 'x' });
    tree.write('usr/lib/a.pyc', Buffer.from(header(0, 12345), 'latin1'), { mode: 0o600 });
    tree.write('usr/lib/b.pyc', Buffer.from(header(1, 12345), 'latin1'));
    const object = join(temporary(onTestFinished), 'object');
    linkSync(tree.at('usr/lib/a.pyc'), object);
    byteCode(tree, tree.walk('usr'));
    expect(tree.readBytes('usr/lib/a.pyc')).toEqual(Buffer.from(header(0, 0), 'latin1'));
    expect(tree.lstat('usr/lib/a.pyc')!.mode & 0o777).toBe(0o600);
    expect(tree.readBytes('usr/lib/b.pyc')).toEqual(Buffer.from(header(1, 12345), 'latin1'));
    expect(readFileSync(object)).toEqual(Buffer.from(header(0, 12345), 'latin1'));
  });
});

describe('units and apt', () => {
  test('what cannot work on a read-only /usr is not started; everything else stays', () => {
    const wants = 'etc/systemd/system/timers.target.wants';
    const tree = run(maskUnits, {
      [`${wants}/apt-daily.timer`]: { link: '/usr/lib/systemd/system/apt-daily.timer' },
      [`${wants}/fstrim.timer`]: { link: '/usr/lib/systemd/system/fstrim.timer' },
      'usr/lib/systemd/system/timers.target.wants/dpkg-db-backup.timer': { link: '../dpkg-db-backup.timer' },
      'usr/lib/systemd/system/apt-daily.timer': 'unit',
    });
    expect(tree.list(wants)).toEqual(['fstrim.timer']);
    expect(tree.list('usr/lib/systemd/system/timers.target.wants')).toEqual([]);
    expect(tree.exists('usr/lib/systemd/system/apt-daily.timer')).toBe(true);
    expect(masked.every((row) => row.reason !== '')).toBe(true);
  });

  test('apt has a hook that speaks up on a booted deployment only', () => {
    const tree = run(aptHook, { 'etc/apt/apt.conf.d': { dir: 0o755 } });
    expect(tree.readText('etc/apt/apt.conf.d/90aot-ostree')).toMatch(
      /DPkg::Pre-Invoke \{ "if \[ -e \/run\/ostree-booted \]/,
    );
    expect(run(aptHook, { 'etc/x': '' }).exists('etc/apt')).toBe(false);
  });

  test("apt's hook is that of the package apt-ostree where it is in the tree", () => {
    const tree = run(aptHook, { 'etc/apt/apt.conf.d/90apt-ostree': 'of the package' });
    expect(tree.list('etc/apt/apt.conf.d')).toEqual(['90apt-ostree']);
    const layered = run(aptHook, { 'etc/apt/apt.conf.d/90apt-ostree': 'x', 'etc/apt/apt.conf.d/90aot-ostree': 'x' });
    expect(layered.list('etc/apt/apt.conf.d')).toEqual(['90apt-ostree']);
  });

  const programs: Record<string, Spec> = {
    'etc/apt/apt.conf.d': { dir: 0o755 },
    'etc/dpkg/dpkg.cfg.d': { dir: 0o755 },
  };
  const hooks = (tree: ReturnType<typeof run>) =>
    ['etc/apt/apt.conf.d', 'etc/dpkg/dpkg.cfg.d', 'usr/lib/apt-ostree'].map((directory) => tree.list(directory));

  test('cliwrap gives apt and dpkg the hook of the package apt-ostree, and cliwrap-binaries says which of them', () => {
    const tree = run(shim, programs, { cliwrap: true });
    expect(hooks(tree)).toEqual([['90apt-ostree'], ['apt-ostree'], ['apt-hook']]);
    expect(tree.lstat('usr/lib/apt-ostree/apt-hook')!.mode & 0o7777).toBe(0o755);
    const hook = readFileSync(join(import.meta.dirname, '../../../../debian/apt/apt-hook'), 'utf8');
    expect(tree.readText('usr/lib/apt-ostree/apt-hook')).toBe(hook);
    const only = run(shim, programs, { cliwrap: true, 'cliwrap-binaries': ['dpkg'] });
    expect(hooks(only)).toEqual([[], ['apt-ostree'], ['apt-hook']]);
  });

  test('there is no hook where there is no such program, and no other where the package has put its own', () => {
    expect(run(shim, { 'etc/x': '' }, { cliwrap: true }).exists('usr/lib/apt-ostree')).toBe(false);
    expect(hooks(run(shim, programs, { cliwrap: false, 'cliwrap-binaries': ['apt'] }))).toEqual([[], [], []]);
    const own = { ...programs, 'usr/lib/apt-ostree/apt-hook': "the package's" };
    expect(run(shim, own, { cliwrap: true }).readText('usr/lib/apt-ostree/apt-hook')).toBe("the package's");
  });
});

describe('os-release', () => {
  const text = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION="13 (trixie)"\n';

  test("the version takes the place of the treefile's text", () => {
    const tree = run(osRelease, { 'usr/lib/os-release': text }, { 'mutate-os-release': '13' }, '13.20260101.0');
    expect(tree.readText('usr/lib/os-release')).toBe(
      'PRETTY_NAME="Debian GNU/Linux 13.20260101.0 (trixie)"\nVERSION_ID="13"\n' +
        'VERSION="13.20260101.0 (trixie)"\nOSTREE_VERSION=\'13.20260101.0\'\n',
    );
  });

  test('stays as it is without the key, and needs a version with it', () => {
    expect(run(osRelease, { 'usr/lib/os-release': text }, {}, '1').readText('usr/lib/os-release')).toBe(text);
    expect(() => run(osRelease, { 'usr/lib/os-release': text }, { 'mutate-os-release': '13' })).toThrow(/no version/);
  });
});

test('readonly-executables takes the write bits of programs, not of the object they are linked to', () => {
  const { tree, ...layout } = makeLayout(
    { 'usr/bin/x': { text: 'x', mode: 0o4755 }, 'usr/share/y': 'y' },
    { 'readonly-executables': true },
  );
  const object = join(temporary(onTestFinished), 'object');
  linkSync(tree.at('usr/bin/x'), object);
  readonlyExecutables({ ...layout, tree });
  expect(tree.lstat('usr/bin/x')!.mode & 0o7777).toBe(0o4555);
  expect(tree.lstat('usr/share/y')!.mode & 0o7777).toBe(0o644);
  expect(tree.lstat('usr/bin/x')!.nlink).toBe(1);
});
