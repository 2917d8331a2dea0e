import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BusWorld, busWorld, NOBODY, PROGRAMS } from '../lib/bus-world.ts';

/** What goes through the daemon alone: nobody may neither write where drivers stand nor reboot. */
const RULES = `polkit.addRule(function (action, subject) {
  if (/\\.(deploy|upgrade|finalize-deployment)$/.test(action.id) && subject.user === 'nobody') return polkit.Result.YES;
});
`;
const PATH = '/run/stub:/usr/sbin:/usr/bin:/sbin:/bin';
const UNIT = 'aot-driver.service';

let world: BusWorld;

beforeAll(async () => {
  world = await busWorld('daemon-driver', { rules: RULES });
  world.write('/run/stub/systemctl', '#!/bin/sh\n[ "$1" = is-active ] && cat /run/state || echo "$@" >> /run/asked\n');
  await world.exec(['chmod', '+x', '/run/stub/systemctl']);
  world.write('/run/state', 'active\n');
  world.launch([`${PROGRAMS}/apt-ostreed`], { env: { PATH } });
  await world.owned('org.aptostree1');
});
afterAll(() => world.close());

const client = (...words: string[]) => world.client(words, { uid: NOBODY, env: { PATH } });

describe('a driver of updates', () => {
  /** The control group that tells the unit: of the hierarchy that a process names first. */
  const group = join(hierarchy(), UNIT);
  const file = () => join(world.runtime, 'apt-ostree/update-driver.json');

  beforeAll(() => void mkdirSync(group, { recursive: true }));
  afterAll(() => rmdirSync(group));
  afterEach(() => rmSync(file(), { force: true }));

  /** Runs a script as nobody in the unit; @returns what it printed */
  async function inUnit(script: string): Promise<string> {
    for (const name of ['go', 'said']) rmSync(join(world.runtime, name), { force: true });
    world.write('/run/said', '');
    await world.exec(['chmod', '666', '/run/said']);
    const waiting = `until [ -e /run/go ]; do sleep 0.1; done; { ${script}; } > /run/said 2>&1`;
    const started = world.launch(['sh', '-c', waiting], { uid: NOBODY, env: { PATH } });
    const nsenter = started.child.pid;
    let inside = '';
    while (inside === '') {
      await new Promise((resolve) => setTimeout(resolve, 50));
      inside = readFileSync(`/proc/${nsenter}/task/${nsenter}/children`, 'utf8').trim();
    }
    writeFileSync(join(group, 'cgroup.procs'), inside);
    world.write('/run/go', '');
    await started.ended;
    return readFileSync(join(world.runtime, 'said'), 'utf8');
  }

  test('is the unit that its client runs in, as the daemon sees it', async () => {
    const said = await inUnit(`${PROGRAMS}/apt-ostree deploy --register-driver=Zincati`);
    expect(said).toBe(`Zincati (${UNIT}) drives the updates.\n`);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual({ 'driver-name': 'Zincati', 'driver-sd-unit': UNIT });
    expect((await client('upgrade')).stderr).toContain(`Updates and deployments are driven by Zincati (${UNIT})`);
    expect(await inUnit(`${PROGRAMS}/apt-ostree upgrade`)).toContain('No upgrade available.\n');
    expect((await client('status')).stdout).toContain('AutomaticUpdatesDriver: Zincati\n');
  });

  test('registers by the bus too, alone or with a deployment', async () => {
    const call = (method: string, ...words: string[]) => `python3 -c "
import dbus, dbus.connection, time
system = dbus.SystemBus()
os = dbus.Interface(system.get_object('org.aptostree1', '/org/aptostree1/debian'), 'org.aptostree1.OS')
t = dbus.connection.Connection(os.${method}(${words.join(', ')}))
t.call_blocking(None, '/', 'org.aptostree1.Transaction', 'Start', '', ())
p = dbus.Interface(system.get_object('org.aptostree1', '/org/aptostree1/Sysroot'), 'org.freedesktop.DBus.Properties')
while p.Get('org.aptostree1.Sysroot', 'ActiveTransactionPath'): time.sleep(0.1)"`;
    const register = "{'register-driver': 'Zincati'}";
    expect(await inUnit(call('Deploy', "''", register))).toBe('');
    expect(existsSync(file())).toBe(true);
    rmSync(file());
    const next = await world.nextCommit({ files: { 'usr/share/aot-driven': 'x' } });
    expect(await inUnit(call('UpdateDeployment', `{'set-revision': '${next}'}`, register))).toBe('');
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ 'driver-sd-unit': UNIT });
    expect((await world.status()).deployments[0]?.checksum).toBe(next);
    expect(await world.client(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
  });

  test('of no unit is none', async () => {
    const { exitCode, stderr } = await client('deploy', '--register-driver=Zincati');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('runs in no unit') });
    expect(existsSync(file())).toBe(false);
  });
});

/** Where control groups of the first hierarchy in /proc/self/cgroup are, seen from outside. */
function hierarchy(): string {
  const [, controllers = ''] = (readFileSync('/proc/self/cgroup', 'utf8').split('\n')[0] ?? '').split(':');
  if (controllers !== '') return join('/sys/fs/cgroup', controllers.replace('name=', ''));
  return existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup';
}

describe('a deployment that waits to be finalized', () => {
  let next: string;
  let count = 0;
  const asked = () => join(world.runtime, 'asked');
  /** How often a reboot was asked for; staging asks for other things. */
  const reboots = () =>
    existsSync(asked())
      ? readFileSync(asked(), 'utf8')
          .split('\n')
          .filter((line) => line === 'reboot').length
      : 0;

  beforeEach(async () => {
    rmSync(asked(), { force: true });
    next = await world.nextCommit({ files: { 'usr/share/aot-finalize': String(++count) } });
    expect(await client('upgrade', '--lock-finalization')).toMatchObject({ exitCode: 0 });
    expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, finalizationLocked: true });
  });
  afterEach(() => world.client(['cleanup', '-p']));

  test('is the one that was expected, or is left as it is', async () => {
    const other = await client('finalize-deployment', 'a'.repeat(64));
    expect(other.stderr).toContain(`Expected staged base checksum ${'a'.repeat(64)}, but found ${next}`);
    expect((await client('finalize-deployment')).stderr).toContain('Must provide expected CHECKSUM');
    expect((await world.status()).deployments[0]).toMatchObject({ finalizationLocked: true });
    expect(reboots()).toBe(0);
  });

  test('is unlocked, and the system rebooted, for who is let by polkit', async () => {
    expect(await client('finalize-deployment', next)).toMatchObject({ exitCode: 0 });
    expect(reboots()).toBe(1);
    expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, finalizationLocked: false });
    expect((await client('finalize-deployment', next)).stderr).toContain('Staged deployment already unlocked');
    expect(await client('finalize-deployment', '--allow-unlocked', next)).toMatchObject({ exitCode: 0 });
    expect(reboots()).toBe(2);
  });

  test('by the bus, without a checksum', async () => {
    const call = ['busctl', '--system', 'call', 'org.aptostree1', '/org/aptostree1/debian', 'org.aptostree1.OS'];
    const { stdout } = await world.exec([...call, 'FinalizeDeployment', 'a{sv}', '0'], { uid: NOBODY });
    expect(stdout).toMatch(/^s "unix:path=/); // without Start it is given up again, as its client has left
    expect(await client('finalize-deployment', '--allow-missing-checksum')).toMatchObject({ exitCode: 0 });
    expect(reboots()).toBe(1);
  });
});
