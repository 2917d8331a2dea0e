import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectBus, connectPeer } from '@apt-ostree/dbus';
import type { Started } from '@apt-ostree/run';
import { buildArchive, type Served, serve } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusWorld, busWorld, PROGRAMS } from '../lib/bus-world.ts';
import { scratch } from '../lib/scratch.ts';

let world: BusWorld;
let server: Served;
let daemon: number;

/** A script of a package that does not end by itself; the number tells it from others. */
const SLEEPING = ['sleep', '432100'];

/** systemd's end of sd_notify(3): a datagram for each text. */
const NOTIFIED = `
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('/run/notify')
while True:
    said = s.recv(65536)
    with open('/run/notified', 'ab') as f: f.write(said + b'\\n' if said != b'BARRIER=1' else b'')
`;

beforeAll(async () => {
  world = await busWorld('daemon-follow');
  const directory = scratch('daemon-follow-archive');
  server = await serve(directory);
  const noise = randomBytes(600_000).toString('base64');
  const packages = [
    { name: 'aot-large', files: { '/usr/share/aot-large': noise } },
    { name: 'aot-slow', scripts: { postinst: `#!/bin/sh\n${SLEEPING.join(' ')}\n` } },
  ];
  const built = await buildArchive({ directory, packages, architectures: ['amd64'] });
  world.write('/etc/apt/sources.list.d/test.sources', built.sources(server.url));
  world.write('/etc/apt-ostreed.conf', '[Daemon]\nIdleExitTimeout=600\n');
  world.launch(['python3', '-c', NOTIFIED]);
  await until(() => existsSync(join(world.runtime, 'notify')));
  const program = `exec ${PROGRAMS}/apt-ostreed 2> /run/log`; // the journal has what is said on standard error
  const started = world.launch(['sh', '-c', program], { env: { NOTIFY_SOCKET: '/run/notify' } });
  await world.owned('org.aptostree1');
  daemon = world.processOf(started, 'apt-ostreed');
});
afterAll(async () => {
  await world?.close();
  await server?.close();
});

async function until(look: () => unknown): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** What somebody has written to a file until now. */
function said(name: string): string {
  const file = join(world.runtime, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
const children = (): string[] =>
  readFileSync(`/proc/${daemon}/task/${daemon}/children`, 'utf8').split(' ').filter(Boolean);

test('a change is told by the signals that rpm-ostree has, with their types', async () => {
  const bus = await connectBus(`unix:path=${join(world.runtime, 'dbus/system_bus_socket')}`);
  const at = { destination: 'org.aptostree1', path: '/org/aptostree1/debian', interface: 'org.aptostree1.OS' };
  server.faults['*'] = { bytesPerSecond: 400_000 };
  const body = [new Map(), ['aot-large'], []];
  const [address] = await bus.connection.call({ ...at, member: 'PkgChange', signature: 'a{sv}asas', body });
  const peer = await connectPeer(String(address).replace('path=/run', `path=${world.runtime}`));
  const signals: { member: string | undefined; signature: string; body: unknown[] }[] = [];
  const finished = new Promise<void>((resolve) => {
    peer.onSignal = ({ member, signature, body: values }) => {
      signals.push({ member, signature, body: values });
      if (member === 'Finished') resolve();
    };
  });
  expect(await peer.call({ path: '/', interface: 'org.aptostree1.Transaction', member: 'Start' })).toEqual([true]);
  await finished;
  delete server.faults['*'];
  peer.destroy();
  bus.connection.destroy();
  expect(signals.at(-1)).toEqual({ member: 'Finished', signature: 'bs', body: [true, ''] });
  const types = new Map(signals.map(({ member, signature }) => [member, signature]));
  expect(Object.fromEntries(types)).toMatchObject({
    ...{ Message: 's', TaskBegin: 's', TaskEnd: 's', PercentProgress: 'su', ProgressEnd: '' },
    DownloadProgress: '(tt)(uu)(uuu)(uuut)(uu)(tt)',
  });
  const of = (name: string) => signals.filter(({ member }) => member === name);
  expect(of('TaskBegin').length).toBe(of('TaskEnd').length);
  expect(of('Message').map(({ body: [text] }) => text)).toContain('  aot-large_1.0-1_all');
  const percents = of('PercentProgress').map(({ body: [, percent] }) => Number(percent));
  expect(percents.filter((p) => p < 0 || p > 100)).toEqual([]);
});

test('how far it is stands in the journal, by what was asked for', () => {
  expect(said('log')).toMatch(/install --stateroot=debian .*aot-large --unchanged-exit-77: Downloading/);
});

test('the status text tells what it does, and else when it ends', async () => {
  await until(() => said('notified').endsWith('STATUS=idle; exits after 600 seconds without calls\n'));
  // and no child of it tells anything
  expect(said('notified')).toMatch(/^STATUS=idle; .*\nSTATUS=install --stateroot=debian .*\nSTATUS=idle; .*\n$/);
  const script = `
import dbus, sys, time
s = dbus.Interface(dbus.SystemBus().get_object('org.aptostree1', '/org/aptostree1/Sysroot'), 'org.aptostree1.Sysroot')
s.RegisterClient({'id': 'test'})
if sys.argv[1] == 'stays':
    s.UnregisterClient({'id': 'test'})
    time.sleep(600)`;
  const told = () => said('notified').split('STATUS=clients=1\nSTATUS=idle; exits after 600 seconds without calls\n');
  expect(await world.exec(['python3', '-c', script, 'leaves'])).toMatchObject({ exitCode: 0 });
  await until(() => told().length === 2);
  const { child } = world.launch(['python3', '-c', script, 'stays']);
  await until(() => told().length === 3);
  child.kill();
});

describe('Ctrl-C', () => {
  const client = (name: string): Started =>
    world.launch(['sh', '-c', `exec ${PROGRAMS}/apt-ostree install aot-slow > /run/${name} 2>&1`]);
  const mounts = async () => (await world.exec(['cat', '/proc/self/mounts'])).stdout;
  const temporary = async () => (await world.exec(['ls', '-A', '/ostree/repo/extensions/apt-ostree/tmp'])).stdout;
  const repository = async () => (await world.exec(['ls', '-A', '/ostree/repo/tmp'])).stdout;

  test('cancels what it follows, for all who follow it, and leaves nothing', async () => {
    const before = [await mounts(), (await world.status()).deployments, await temporary(), await repository()];
    const one = client('one');
    await until(() => sleeping().length > 0);
    const two = client('two');
    await until(() => said('two').includes('Attaching to existing transaction: apt-ostree install aot-slow\n'));
    process.kill(world.processOf(one, 'apt-ostree'), 'SIGINT');
    expect(await one.ended).toMatchObject({ code: 130 });
    expect(await two.ended).toMatchObject({ code: 1 });
    expect(said('two')).toContain('error: Operation was cancelled\n');
    expect(sleeping()).toEqual([]);
    await until(() => children().length === 0);
    expect([await mounts(), (await world.status()).deployments, await temporary(), await repository()]).toEqual(before);
    const { stderr, exitCode } = await world.exec(['ostree', 'fsck', '--repo=/ostree/repo', '--quiet']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(await world.client(['cancel'])).toMatchObject({ stdout: 'No active transaction.\n' });
    expect(await world.client(['kargs', '--append=after'])).toMatchObject({ exitCode: 0 }); // all is as usual
  });

  test('of the daemon does the same: its client is told', async () => {
    const before = [await mounts(), (await world.status()).deployments, await temporary(), await repository()];
    const one = client('three');
    await until(() => sleeping().length > 0);
    process.kill(daemon, 'SIGTERM');
    expect(await one.ended).toMatchObject({ code: 1 });
    expect(said('three')).toContain('error: Operation was cancelled\n');
    await world.owned('org.aptostree1', false);
    expect(sleeping()).toEqual([]);
    expect([await mounts(), (await world.status()).deployments, await temporary(), await repository()]).toEqual(before);
  });
});

/** Processes of the script, wherever they run. */
function sleeping(): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8') === `${SLEEPING.join('\0')}\0`;
    } catch {
      return false; // it has just ended
    }
  });
}
