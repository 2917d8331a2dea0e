import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY } from '../lib/bus-world.ts';

let world: BusWorld;

beforeAll(async () => {
  world = await busWorld('daemon');
  await world.daemon();
});
afterAll(() => world.close());

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
      stderr: 'Automatic updates are not enabled; exiting...\n',
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
});
