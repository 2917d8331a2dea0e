import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Started, start } from '@apt-ostree/run';
import { temporary, tool, toolPath } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const directory = temporary();
const socket = join(directory, 'bus');
const env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${socket}`, RUNTIME_DIRECTORY: join(directory, 'run') };
const sysroot = join(directory, 'sysroot');
const COCKPIT = 'org.projectatomic.rpmostree1';
let bus: Started;

/** A bus on which everybody may do everything. */
const CONFIGURATION = `<busconfig><type>system</type><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/></policy></busconfig>`;

beforeAll(async () => {
  chmodSync(directory, 0o755);
  mkdirSync(sysroot);
  await run('ostree', ['admin', 'init-fs', sysroot]);
  await run('ostree', ['admin', 'os-init', `--sysroot=${sysroot}`, 'my-os']);
  writeFileSync(join(directory, 'bus.conf'), CONFIGURATION);
  bus = start('dbus-daemon', [`--config-file=${join(directory, 'bus.conf')}`, '--nofork', '--nopidfile'], {
    stdio: 'ignore',
  });
  await eventually(async () => (await busctl('list')).exitCode === 0);
});
afterAll(async () => {
  bus.child.kill();
  await bus.ended;
});

const busctl = (...args: string[]) => run('busctl', ['--system', ...args], { env, ok: 'any' });
const owned = async (name = 'org.aptostree1') =>
  (
    await busctl('call', 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'NameHasOwner', 's', name)
  ).stdout.includes('true');

async function eventually(is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come');
}

/** Runs a daemon, and ends it. */
async function withDaemon(args: string[], work: () => Promise<void>): Promise<void> {
  const daemon = start(process.execPath, [toolPath('apt-ostreed'), `--sysroot=${sysroot}`, ...args], {
    ...{ stdio: 'ignore', env: { ...process.env, ...env } },
  });
  try {
    await eventually(() => owned());
    await work();
  } finally {
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 143 });
  }
}

test('a sysroot without deployments is shown, and changes say what they lack', async () => {
  await withDaemon([], async () => {
    const { stdout } = await busctl('tree', '--list', 'org.aptostree1');
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['/org/aptostree1/Sysroot', '/org/aptostree1/my_os']));
    const get = (object: string, name: string) =>
      busctl(
        'get-property',
        'org.aptostree1',
        `/org/aptostree1/${object}`,
        `org.aptostree1.${object === 'Sysroot' ? object : 'OS'}`,
        name,
      );
    expect((await get('Sysroot', 'Deployments')).stdout).toBe('aa{sv} 0\n');
    expect((await get('my_os', 'DefaultDeployment')).stdout).toBe('a{sv} 0\n');
    expect((await get('my_os', 'Name')).stdout).toBe('s "my-os"\n');
    const python = `
import dbus, dbus.bus, dbus.connection, os, sys
system = dbus.bus.BusConnection(os.environ['DBUS_SYSTEM_BUS_ADDRESS'])
upgrade = dbus.Interface(system.get_object('org.aptostree1', '/org/aptostree1/my_os'), 'org.aptostree1.OS')
t = dbus.connection.Connection(upgrade.Upgrade({}))
print(t.call_blocking(None, '/', 'org.aptostree1.Transaction', 'Start', '', ()))
`;
    expect((await run('/usr/bin/python3', ['-c', python], { env })).stdout).toBe('1\n');
    await eventually(async () => (await get('Sysroot', 'ActiveTransactionPath')).stdout === 's ""\n');
  });
  expect(await owned()).toBe(false);
});

test('under another name too', async () => {
  await withDaemon(['--also-name', COCKPIT], async () => {
    const { stdout } = await busctl('introspect', COCKPIT, '/org/projectatomic/rpmostree1/my_os');
    expect(stdout).toContain(`${COCKPIT}.OS `);
    expect(stdout).not.toContain('org.aptostree1');
    const os = await busctl(
      'call',
      COCKPIT,
      '/org/projectatomic/rpmostree1/Sysroot',
      `${COCKPIT}.Sysroot`,
      'GetOS',
      's',
      'my-os',
    );
    expect(os.stdout).toBe('o "/org/projectatomic/rpmostree1/my_os"\n');
    const address = await busctl(
      'call',
      COCKPIT,
      '/org/projectatomic/rpmostree1/my_os',
      `${COCKPIT}.OS`,
      'Upgrade',
      'a{sv}',
      '0',
    );
    expect(address.stdout).toMatch(/^s "unix:path=/);
  });
});

test('it ends when nobody needs it', async () => {
  const configuration = join(directory, 'conf');
  writeFileSync(configuration, '[Daemon]\nIdleExitTimeout=1\n');
  const args = [`--sysroot=${sysroot}`, `--configuration=${configuration}`];
  expect(await tool('apt-ostreed', args, { env })).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('one is enough', async () => {
  await withDaemon([], async () => {
    const second = await tool('apt-ostreed', [`--sysroot=${sysroot}`], { env });
    expect(second).toMatchObject({ code: 75, stderr: expect.stringContaining('another daemon does') });
  });
});

test('what it cannot work with', async () => {
  const refused = async (args: string[], more = {}) => tool('apt-ostreed', args, { env: { ...env, ...more } });
  const here = `--sysroot=${sysroot}`;
  const nowhere = { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus' };
  expect(await refused([here], nowhere)).toMatchObject({
    code: 69,
    stderr: expect.stringContaining('cannot connect to'),
  });
  expect(await refused([here], { DBUS_SYSTEM_BUS_ADDRESS: 'tcp:host=x' })).toMatchObject({ code: 69 });
  expect(await refused([`--sysroot=${directory}`])).toMatchObject({
    code: 66,
    stderr: expect.stringMatching(/^apt-ostreed: cannot use '.*': it is no sysroot\n/),
  });
  writeFileSync(join(directory, 'wrong'), '[Daemon]\nIdleExitTimeout=soon\n');
  expect(await refused([here, `--configuration=${join(directory, 'wrong')}`])).toMatchObject({ code: 78 });
});
