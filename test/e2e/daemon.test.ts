import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bus, connectBus, connectPeer, Variant } from '@apt-ostree/dbus';
import { run } from '@apt-ostree/run';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY, PROGRAMS } from '../lib/bus-world.ts';
import { commitChange } from '../lib/next-commit.ts';

let world: BusWorld;

beforeAll(async () => {
  world = await busWorld('daemon', { alsoName: COCKPIT });
  await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/other', world.commit]);
  world.write('/run/stub/systemctl', '#!/bin/sh\n[ "$1" = is-active ] && cat /run/state || echo "$@" >> /run/asked\n');
  await world.exec(['chmod', '+x', '/run/stub/systemctl']);
  world.launch(['python3', '-c', JOURNAL]);
  world.launch([`${PROGRAMS}/apt-ostreed`, '--also-name', COCKPIT], { env: { PATH } });
  await world.owned('org.aptostree1');
});
afterAll(() => world.close());

/** What systemctl is asked is written down. */
const PATH = '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin';
const COCKPIT = 'org.projectatomic.rpmostree1';

/** The journal's socket takes an entry as one datagram (systemd's "Native Journal Protocol"). */
const JOURNAL = `
import os, socket
os.makedirs('/run/systemd/journal', exist_ok=True)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('/run/systemd/journal/socket')
while True:
    entry = s.recv(1 << 20)
    with open('/run/journal', 'ab') as f: f.write(entry + b'\\0')
`;

const SYSROOT = ['/Sysroot', 'org.aptostree1.Sysroot'] as const;
const OS = ['/debian', 'org.aptostree1.OS'] as const;

const property = async ([object, name]: readonly [string, string], member: string) =>
  (
    await world.exec([
      ...['busctl', '--system', '--json=short', 'get-property', 'org.aptostree1'],
      ...[`/org/aptostree1${object}`, name, member],
    ])
  ).stdout;
const value = async (where: readonly [string, string], member: string) =>
  JSON.parse(await property(where, member)).data;

/** An entry of the journal as its fields, once it is there. */
async function journal(line: string): Promise<Record<string, string>> {
  for (let tries = 0; tries < 200; tries++) {
    const { stdout } = await world.exec(['cat', '/run/journal']);
    const found = stdout.split('\0').find((entry) => entry.split('\n').includes(line));
    if (found)
      return Object.fromEntries(
        found
          .trim()
          .split('\n')
          .map((l) => l.split(/=(.*)/s, 2) as [string, string]),
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('there is no such entry');
}

/** Until no transaction is there. */
async function idle(): Promise<void> {
  while ((await value(SYSROOT, 'ActiveTransactionPath')) !== '')
    await new Promise((resolve) => setTimeout(resolve, 100));
}

const deployed = async () => (await world.status()).deployments.map((d) => d.checksum);

describe('reading', () => {
  test('the sysroot and its systems', async () => {
    const { stdout } = await world.exec(['busctl', '--system', 'tree', '--list', 'org.aptostree1']);
    expect(stdout.trim().split('\n')).toEqual(
      expect.arrayContaining(['/org/aptostree1', '/org/aptostree1/Sysroot', '/org/aptostree1/debian']),
    );
    for (const name of ['', 'debian'])
      expect((await world.busctl(...SYSROOT, 'GetOS', 's', name)).stdout).toBe('o "/org/aptostree1/debian"\n');
    expect((await world.busctl(...SYSROOT, 'GetOS', 's', 'other')).stderr).toContain('OS name "other" not found');
    expect(await value(SYSROOT, 'Path')).toBe('/');
    expect(await value(SYSROOT, 'Booted')).toBe('/org/aptostree1/debian');
    expect(await value(SYSROOT, 'AutomaticUpdatePolicy')).toBe('none');
    expect(await value(SYSROOT, 'ActiveTransaction')).toEqual(['', '', '']);
  });

  test('deployments have the types and values that status prints', async () => {
    const [shown] = JSON.parse((await world.client(['status', '--json'])).stdout).deployments;
    const [first] = await value(SYSROOT, 'Deployments');
    expect(Object.keys(first).sort()).toEqual(Object.keys(shown).sort());
    expect(first).toMatchObject({
      id: { type: 's', data: shown.id },
      serial: { type: 'i', data: 0 },
      booted: { type: 'b', data: true },
      timestamp: { type: 't', data: shown.timestamp },
      packages: { type: 'as', data: [] },
    });
    expect(await value(OS, 'BootedDeployment')).toEqual(first);
    expect(await value(OS, 'DefaultDeployment')).toEqual(first);
    expect(await value(OS, 'RollbackDeployment')).toEqual({});
    expect(await value(OS, 'Name')).toBe('debian');
    expect(await value(OS, 'HasCachedUpdateRpmDiff')).toBe(false);
    const { stdout } = await world.busctl(...OS, 'GetDeploymentBootConfig', 'sb', '', 'false');
    expect(stdout).toContain('"options" s "root=LABEL=root rw console=ttyS0"');
  });

  test('python and GDBus see the same, also without privilege', async () => {
    const script = `
import dbus
o = dbus.SystemBus().get_object('org.aptostree1', '/org/aptostree1/debian')
p = dbus.Interface(o, 'org.freedesktop.DBus.Properties').GetAll('org.aptostree1.OS')
print(p['Name'], p['BootedDeployment']['checksum'], int(p['BootedDeployment']['serial']))
m = dbus.Interface(dbus.SystemBus().get_object('org.aptostree1', '/org/aptostree1'), 'org.freedesktop.DBus.ObjectManager')
print(sorted(m.GetManagedObjects().keys()))`;
    const { stdout, stderr } = await world.exec(['python3', '-c', script], { uid: NOBODY });
    expect(stderr).toBe('');
    expect(stdout).toContain(`debian ${world.commit} 0\n`);
    expect(stdout).toContain("dbus.ObjectPath('/org/aptostree1/debian')");
    const where = ['--system', '-d', 'org.aptostree1', '-o', '/org/aptostree1/debian'];
    const introspected = await world.exec(['gdbus', 'introspect', ...where], { uid: NOBODY });
    expect(introspected.stdout).toContain('Upgrade(in  a{sv} options,');
    expect(introspected.stdout).toContain("readonly s Name = 'debian';");
  });
});

describe('a change', () => {
  test('upgrade through the daemon says what it says without', async () => {
    const next = await world.nextCommit({ version: '7.1', files: { 'usr/share/aot-first': 'x' } });
    const through = await world.client(['upgrade']);
    expect(through).toMatchObject({ exitCode: 0 });
    expect(through.stderr).not.toContain('note:');
    expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, staged: true });
    await world.client(['cleanup', '-p']);
    const direct = await world.client(['upgrade'], { env: { APT_OSTREE_DIRECT: '1' } });
    expect(through.stdout).toBe(direct.stdout);
    expect((await world.client(['upgrade', '--unchanged-exit-77'])).exitCode).toBe(77);
    expect(await world.client(['upgrade'])).toMatchObject({ exitCode: 0, stdout: 'No upgrade available.\n' });
    expect((await value(OS, 'DefaultDeployment')).checksum.data).toBe(next);
    expect((await value(OS, 'CachedUpdate')).checksum.data).toBe(next);
  });

  test('an error has its words, hint and code', async () => {
    const run = (env = {}) => world.client(['deploy', 'f'.repeat(64)], { env });
    const [through, direct] = [await run(), await run({ APT_OSTREE_DIRECT: '1' })];
    expect(through).toMatchObject({ exitCode: 1, stdout: direct.stdout });
    expect(through.stderr.replace(/.*\.\.\. done.*\n/g, '')).toBe(direct.stderr.replace(/.*\.\.\. done.*\n/g, ''));
  });

  test('the commands', async () => {
    const before = (await deployed()).length;
    expect(await world.client(['kargs', '--append=quiet'])).toMatchObject({ exitCode: 0 });
    expect((await world.status()).deployments[0]?.kernelArguments).toContain('quiet');
    expect((await world.client(['kargs', '--append-if-missing=quiet', '--unchanged-exit-77'])).exitCode).toBe(77);
    expect((await world.client(['kargs'])).stdout).toContain('quiet\n');
    expect(await world.client(['reset'])).toMatchObject({ exitCode: 0 });
    expect(await world.client(['rollback'])).toMatchObject({ exitCode: 1 });
    expect(await world.client(['upgrade', '--check'])).toMatchObject({ exitCode: 77 });
    expect(await world.client(['upgrade', '--preview'])).toMatchObject({ exitCode: 77 });
    expect((await world.client(['finalize-deployment', 'a'.repeat(64)])).stderr).toContain(
      'Expected staged base checksum',
    );
    expect(await world.client(['cleanup', '-p', '-r'])).toMatchObject({ exitCode: 0 });
    expect((await deployed()).length).toBeLessThanOrEqual(before);
    expect(await world.client(['upgrade', '--trigger-automatic-update-policy'])).toMatchObject({
      exitCode: 0,
      stdout: 'Automatic updates are not enabled; exiting...\n',
    });
    expect(await world.client(['daemon-ping'])).toMatchObject({ exitCode: 0, stdout: 'pong\n' });
    expect(await world.client(['cancel'])).toMatchObject({ exitCode: 0, stdout: 'No active transaction.\n' });
    expect(await world.client(['reload'])).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('a look for an upgrade is shown by the bus and by status, until it is deployed', async () => {
    const next = await world.nextCommit({ version: '7.2', files: { 'usr/share/aot-look': 'x' } });
    const look = await world.client(['upgrade', '--check']);
    expect(look).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`Commit: ${next}`) });
    const update = await value(OS, 'CachedUpdate');
    expect(update).toMatchObject({
      checksum: { type: 's', data: next },
      version: { type: 's', data: '7.2' },
      'ref-has-new-commit': { type: 'b', data: true },
    });
    expect(await value(OS, 'HasCachedUpdateRpmDiff')).toBe(true);
    expect((await world.client(['status'])).stdout).toMatch(/^AvailableUpdate:\n +Version: 7\.2 /m);
    expect(JSON.parse((await world.client(['status', '--json'])).stdout)['cached-update'].checksum).toBe(next);
    const { stdout } = await world.busctl(...OS, 'GetCachedDeployRpmDiff', 'sas', next, '0');
    expect(stdout).toContain(`"ostree-commit-to" s "${next}"`);
    expect(await world.client(['upgrade'])).toMatchObject({ exitCode: 0 });
    expect((await world.client(['status'])).stdout).not.toContain('AvailableUpdate');
    expect(await world.client(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
  });

  test('kernel arguments as a whole', async () => {
    const options = new Map([['final-kernel-args', new Variant('s', 'root=LABEL=root  rw aot.text="a b"')]]);
    expect(await world.transaction('KernelArgs', 'sasasasa{sv}', ['', [], [], [], options])).toBe('');
    expect((await world.status()).deployments[0]?.kernelArguments).toEqual(['root=LABEL=root', 'rw', 'aot.text="a b"']);
    const wrong = new Map([['final-kernel-args', new Variant('s', 'root="x')]]);
    expect(await world.transaction('KernelArgs', 'sasasasa{sv}', ['', [], [], [], wrong])).toContain('not closed');
    await world.client(['cleanup', '-p']);
  });

  test('what another branch would bring is fetched, and then told', async () => {
    const files = { 'usr/share/aot-rebase': 'x' };
    const next = await commitChange(world.repo, 'test/other', { version: '7.3', files });
    const before = await deployed();
    expect(await world.transaction('DownloadRebaseRpmDiff', 'sas', ['debian:test/other', []])).toBe('');
    expect(await deployed()).toEqual(before);
    const { stdout } = await world.busctl(...OS, 'GetCachedRebaseRpmDiff', 'sas', 'debian:test/other', '0');
    expect(stdout).toContain(`"ostree-commit-to" s "${next}"`);
  });

  test('what no command of ours calls: the rollback is dropped, a version is looked at, the sysroot is read again', async () => {
    const next = await world.nextCommit({ version: '7.4', files: { 'usr/share/aot-version': 'x' } });
    expect(await world.transaction('DownloadDeployRpmDiff', 'sas', ['version=7.4', []])).toBe('');
    const look = await world.busctl(...OS, 'GetCachedDeployRpmDiff', 'sas', 'version=7.4', '0');
    expect(look.stdout).toContain(`"ostree-commit-to" s "${next}"`);
    expect(await world.client(['deploy', 'version=7.4'])).toMatchObject({ exitCode: 0 });
    expect(await world.exec(['ostree', 'admin', 'finalize-staged'])).toMatchObject({ exitCode: 0 });
    expect(await world.client(['rollback'])).toMatchObject({ exitCode: 0 });
    expect((await value(OS, 'RollbackDeployment')).checksum.data).toBe(next);
    expect(await world.transaction('ClearRollbackTarget', 'a{sv}', [new Map()])).toBe('');
    expect(await value(OS, 'RollbackDeployment')).toEqual({});
    expect(await world.busctl(...SYSROOT, 'Reload')).toMatchObject({ exitCode: 0, stdout: '' });
    for (const [utf8, said] of [
      ['false', 'moo'],
      ['true', '\\360\\237\\220\\256'], // a cow, as busctl writes it
    ] as const)
      expect((await world.busctl('/debian', 'org.aptostree1.OSExperimental', 'Moo', 'b', utf8)).stdout).toContain(said);
  });

  test('apply-live through the daemon changes what runs, and is taken back', async () => {
    await world.nextCommit({ files: { 'usr/share/aot-live': 'x' } });
    expect(await world.client(['upgrade'])).toMatchObject({ exitCode: 0 });
    const live = await world.client(['ex', 'apply-live']);
    expect(live).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Successfully updated') });
    expect((await world.exec(['cat', '/usr/share/aot-live'])).stdout).toBe('x');
    expect(
      await world.transaction('LiveFs', 'a{sv}', [new Map([['reset', new Variant('b', true)]])], 'OSExperimental'),
    ).toBe('');
    expect((await world.exec(['cat', '/usr/share/aot-live'])).exitCode).toBe(1);
    await world.client(['cleanup', '-p']);
  });

  test('is in the journal with who asked, what it did, and how long it took', async () => {
    const [before] = await deployed();
    rmSync(join(world.runtime, 'journal'), { force: true });
    const dropped = { name: 'aot-journal', version: '1', architecture: 'all', sourcePackage: 'x', sourceVersion: '1' };
    const next = await world.nextCommit({ files: { 'usr/share/aot-j': 'x' }, packages: (all) => [...all, dropped] });
    expect(await world.client(['upgrade'])).toMatchObject({ exitCode: 0 });
    const entry = await journal('MESSAGE_ID=0d9e3ba5bbd14c31a5c6a7e0a5de7a41');
    expect(entry).toMatchObject({
      ...{ COMMAND_LINE: 'apt-ostree upgrade', MESSAGE: 'apt-ostree upgrade: done', OPERATION: 'Upgrade' },
      ...{ AGENT: expect.stringMatching(/^:1\.\d+$/), AGENT_UID: '0', PACKAGES: '+aot-journal_1_all' },
      ...{ OSTREE_CHECKSUM: next, OSTREE_CHECKSUM_BEFORE: before, DURATION_MSEC: expect.stringMatching(/^\d+$/) },
    });
    expect(await world.client(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
    await world.nextCommit({ packages: (all) => all.filter(({ name }) => name !== 'aot-journal') });
  });

  test('is joined by who asks for the same, and refused to who asks for another', async () => {
    const connect = () => connectBus(`unix:path=${join(world.runtime, 'dbus/system_bus_socket')}`);
    const [one, two] = [await connect(), await connect()];
    const at = { destination: 'org.aptostree1', path: '/org/aptostree1/debian', interface: 'org.aptostree1.OS' };
    const ask = async (bus: Bus, allow: boolean) => {
      const body = [new Map([['allow-downgrade', new Variant('b', allow)]])];
      return String((await bus.connection.call({ ...at, member: 'Upgrade', signature: 'a{sv}', body }))[0]);
    };
    const address = await ask(one, true);
    expect(await ask(two, true)).toBe(address);
    await expect(ask(two, false)).rejects.toMatchObject({ dbusName: 'org.aptostree1.Error.UpdateInProgress' });
    const path = address.replace('path=/run', `path=${world.runtime}`);
    const peers = [await connectPeer(path), await connectPeer(path)];
    const ends = peers.map(
      (peer) =>
        new Promise((resolve) => {
          peer.onSignal = ({ member, body: [success] }) => member === 'Finished' && resolve(success);
        }),
    );
    const start = { path: '/', interface: 'org.aptostree1.Transaction', member: 'Start' };
    const starts = [];
    for (const peer of peers) starts.push((await peer.call(start))[0]);
    expect(starts).toEqual([true, false]);
    expect(await Promise.all(ends)).toEqual([true, true]);
    for (const { destroy } of [...peers, one.connection, two.connection].map((c) => ({ destroy: () => c.destroy() })))
      destroy();
    await world.client(['cleanup', '-p']);
  });

  test('by the policy for automatic updates: staged, or staged and rebooted into', async () => {
    const asked = join(world.runtime, 'asked');
    for (const [policy, reboots] of [
      ['stage', false],
      ['apply', true],
    ] as const) {
      rmSync(asked, { force: true });
      world.write('/etc/apt-ostreed.conf', `[Daemon]\nAutomaticUpdatePolicy=${policy}\nIdleExitTimeout=0\n`);
      expect(await world.client(['reload'])).toMatchObject({ exitCode: 0 });
      const next = await world.nextCommit({ files: { 'usr/share/aot-automatic': policy } });
      const trigger = ['upgrade', '--quiet', '--trigger-automatic-update-policy'];
      const { exitCode, stderr } = await world.client(trigger);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
      expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, staged: true });
      expect(readFileSync(asked, 'utf8').includes('reboot\n')).toBe(reboots);
      expect(await world.client(trigger), 'nothing new').toMatchObject({ exitCode: 0 });
      expect(await world.client(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
    }
    world.write('/etc/apt-ostreed.conf', '[Daemon]\nIdleExitTimeout=0\n');
    expect(await world.client(['reload'])).toMatchObject({ exitCode: 0 });
  });

  test('is refused while a program drives the updates, unless it is told to go on', async () => {
    const env = { PATH };
    const noUnit = await world.client(['deploy', '--register-driver=Zincati'], { env });
    expect(noUnit).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('runs in no unit') });
    const driver = { 'driver-name': 'Zincati', 'driver-sd-unit': 'zincati.service' };
    const unit = `--driver-unit=${driver['driver-sd-unit']}`;
    const direct = { ...env, APT_OSTREE_DIRECT: '1' };
    const registered = await world.client(['deploy', '--register-driver=Zincati', unit], { env: direct });
    expect(registered).toMatchObject({ exitCode: 0, stdout: 'Zincati (zincati.service) drives the updates.\n' });
    world.write('/run/state', 'active\n');
    const refused = await world.client(['upgrade'], { env });
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('Updates and deployments are driven by Zincati (zincati.service)');
    expect(refused.stderr).toContain('--bypass-driver');
    expect((await world.client(['upgrade', '--check'], { env })).stderr).not.toContain('driven');
    expect((await world.client(['kargs'], { env })).exitCode).toBe(0);
    expect((await world.client(['status'], { env })).stdout).toMatch(
      /^State: \w+\nAutomaticUpdatesDriver: Zincati\n {2}DriverState: active\n/,
    );
    expect(JSON.parse((await world.client(['status', '--json'], { env })).stdout)['update-driver']).toEqual(driver);
    expect(await world.client(['upgrade', '--bypass-driver'], { env })).toMatchObject({ exitCode: 0 });
    world.write('/run/state', 'inactive\n');
    expect(await world.client(['upgrade'], { env })).toMatchObject({ exitCode: 0 });
    await world.exec(['rm', '/run/apt-ostree/update-driver.json']);
    await world.client(['cleanup', '-p']);
  });

  test("what Cockpit's page of rpm-ostree calls, under the names that it knows", async () => {
    const next = await world.nextCommit({ version: '7.5', packages: (all) => all.slice(1) });
    const bus = await connectBus(`unix:path=${join(world.runtime, 'dbus/system_bus_socket')}`);
    const path = '/org/projectatomic/rpmostree1';
    const call = (object: string, name: string, member: string, signature = '', body: readonly unknown[] = []) =>
      bus.connection.call({ destination: COCKPIT, path: `${path}${object}`, interface: name, member, signature, body });
    const os = (member: string, signature = '', body: readonly unknown[] = []) =>
      call('/debian', `${COCKPIT}.OS`, member, signature, body);
    const finished = async (address: unknown) => {
      const peer = await connectPeer(String(address).replace('path=/run', `path=${world.runtime}`));
      const end = new Promise((resolve) => {
        peer.onSignal = (signal) =>
          signal.member === 'Finished' && signal.interface?.startsWith(COCKPIT) && resolve(signal.body);
      });
      await peer.call({ path: '/', interface: `${COCKPIT}.Transaction`, member: 'Start' });
      return end.finally(() => peer.destroy());
    };
    const [managed] = await call('', 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects');
    expect([...(managed as Map<string, unknown>).keys()].sort()).toEqual([`${path}/Sysroot`, `${path}/debian`]);
    await call('/Sysroot', `${COCKPIT}.Sysroot`, 'ReloadConfig');
    expect(await finished((await os('DownloadUpdateRpmDiff'))[0])).toEqual([true, '']);
    const [rows, details] = (await os('GetCachedUpdateRpmDiff', 's', [''])) as [unknown[], Map<string, Variant>];
    expect(rows).toHaveLength(1);
    expect(details.get('checksum')?.value).toBe(next);
    const other = await commitChange(world.repo, 'test/other', { version: '7.6' });
    const refspec = ['debian:test/other', []];
    expect(await finished((await os('DownloadRebaseRpmDiff', 'sas', refspec))[0])).toEqual([true, '']);
    const [, of] = (await os('GetCachedRebaseRpmDiff', 'sas', refspec)) as [unknown, Map<string, Variant>];
    expect([...of].map(([key, { value }]) => [key, value])).toEqual(
      expect.arrayContaining([
        ['checksum', other],
        ['version', '7.6'],
        ['osname', 'debian'],
        ['origin', 'debian:test/other'],
      ]),
    );
    const upgrade = ['allow-downgrade', new Variant('b', true)] as const;
    expect(await finished((await os('Upgrade', 'a{sv}', [new Map([upgrade])]))[0])).toEqual([true, '']);
    const ids = (await world.status()).deployments.map(({ id }) => id);
    const [between] = (await os('GetDeploymentsRpmDiff', 'ss', [ids[1], ids[0]])) as [unknown[]];
    expect(between).toHaveLength(1);
    bus.connection.destroy();
    await world.client(['cleanup', '-p']);
  });

  test('goes on when its client leaves after Start, and is given up when it leaves before', async () => {
    const next = await world.nextCommit({ files: { 'usr/share/aot-left': 'x' } });
    const script = (start: boolean) => `
import dbus, dbus.connection
o = dbus.SystemBus().get_object('org.aptostree1', '/org/aptostree1/debian')
address = dbus.Interface(o, 'org.aptostree1.OS').Upgrade({})
c = dbus.connection.Connection(address)
print(c.call_blocking(None, '/', 'org.freedesktop.DBus.Properties', 'Get', 'ss', ('org.aptostree1.Transaction', 'Title')))
${start ? "print(c.call_blocking(None, '/', 'org.aptostree1.Transaction', 'Start', '', ()))" : ''}`;
    const given = await world.exec(['python3', '-c', script(false)]);
    expect(given).toMatchObject({ exitCode: 0, stderr: '' });
    await idle();
    expect(await deployed()).not.toContain(next);
    const left = await world.exec(['python3', '-c', script(true)]);
    expect(left.stdout).toMatch(/^upgrade --stateroot=debian .*\n1\n$/);
    await idle();
    expect((await deployed())[0]).toBe(next);
    await world.client(['cleanup', '-p']);
  });

  test('only root may, where there is no polkit', async () => {
    const { exitCode, stderr } = await world.client(['upgrade'], { uid: NOBODY });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no polkit on this bus, so only root may change anything');
    expect(stderr).toContain('hint: run it with sudo');
    expect((await world.client(['status'], { uid: NOBODY })).exitCode).toBe(0);
    const experimental = ['/org/aptostree1/debian', 'org.aptostree1.OSExperimental', 'LiveFs', 'a{sv}', '0'];
    const { stderr: refused } = await world.exec(['busctl', '--system', 'call', 'org.aptostree1', ...experimental], {
      uid: NOBODY,
    });
    expect(refused).toMatch(/Access denied/i);
  });

  test('root makes it without the daemon where that is not there, and is told; others cannot', async () => {
    await world.exec(['sh', '-c', 'kill $(busctl --system status org.aptostree1 | sed -n s/^PID=//p)']);
    await world.owned('org.aptostree1', false);
    expect(await world.client(['kargs', '--append=alone'])).toMatchObject({
      ...{ exitCode: 0, stderr: expect.stringMatching(/^note: working without the daemon: it is not installed\n/) },
    });
    expect((await world.status()).deployments[0]?.kernelArguments).toContain('alone');
    const { exitCode, stderr } = await world.client(['cleanup', '-p'], { uid: NOBODY });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('root') });
    const env = { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/run/no-bus' };
    expect(await world.client(['cleanup', '-p'], { env })).toMatchObject({
      ...{ exitCode: 0, stderr: 'note: working without the daemon: there is no bus\n' },
    });
  });
});
