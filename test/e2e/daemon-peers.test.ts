import { readdirSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  type Bus,
  type Connection,
  connectBus,
  connectPeer,
  encodeMessage,
  socketPath,
  Variant,
} from '@apt-ostree/dbus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusWorld, busWorld, PROGRAMS } from '../lib/bus-world.ts';

let world: BusWorld;
let bus: Bus;
let daemon: number;
/** Of a transaction that is open and not started. */
let address: string;

beforeAll(async () => {
  world = await busWorld('daemon-peers');
  const started = world.launch([`${PROGRAMS}/apt-ostreed`]);
  await world.owned('org.aptostree1');
  daemon = world.processOf(started, 'apt-ostreed');
  bus = await connectBus(`unix:path=${join(world.runtime, 'dbus/system_bus_socket')}`);
  await world.nextCommit({ files: { 'usr/share/aot-peers': 'x' } });
  const at = { destination: 'org.aptostree1', path: '/org/aptostree1/debian', interface: 'org.aptostree1.OS' };
  const [told] = await bus.connection.call({ ...at, member: 'Upgrade', signature: 'a{sv}', body: [new Map()] });
  address = String(told).replace('path=/run', `path=${world.runtime}`);
});
afterAll(() => world.close());

const TRANSACTION = 'org.aptostree1.Transaction';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const LET_IN = '\0AUTH EXTERNAL 30\r\nBEGIN\r\n';

const call = (
  peer: Connection,
  name: string,
  member: string,
  signature = '',
  body: readonly unknown[] = [],
  path = '/',
) => peer.call({ path, interface: name, member, signature, body, timeout: 60_000 });

/** The transaction is there for its client, whatever others do. */
async function answers(): Promise<void> {
  const peer = await connectPeer(address);
  const [title] = await call(peer, PROPERTIES, 'Get', 'ss', [TRANSACTION, 'Title']);
  expect((title as Variant).value).toContain('upgrade');
  peer.destroy();
}

const raw = () =>
  new Promise<Socket>((resolve) => {
    const socket = createConnection(socketPath(address), () => resolve(socket));
    socket.on('error', () => {});
  });
const gone = (socket: Socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve()).resume());

const START = encodeMessage({
  ...{ type: 1, flags: 0, serial: 1, path: '/', interface: TRANSACTION, member: 'Start', signature: '', body: [] },
});
/** A message's head with other lengths: of the body, of the fields. */
const announcing = (body: number, fields: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.set([0x6c, 1, 0, 1]);
  bytes.writeUInt32LE(body, 4);
  bytes.writeUInt32LE(1, 8);
  bytes.writeUInt32LE(fields, 12);
  return bytes;
};

describe('who connects and means no good is let go', () => {
  test.each<[string, (string | Buffer)[]]>([
    ['sends a message and no authentication', [START]],
    ['sends noise', [Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 151) % 256))]],
    ['sends zeros', [Buffer.alloc(4096)]],
    [
      'asks for a mechanism that is not there, again and again',
      ['\0', 'AUTH DBUS_COOKIE_SHA1 726f6f74\r\n'.repeat(20)],
    ],
    ['gives an identity that is none', ['\0', 'AUTH EXTERNAL zz\r\n'.repeat(20)]],
    ['takes back what it said', ['\0', 'AUTH EXTERNAL 30\r\nCANCEL\r\n'.repeat(20)]],
    ['asks for descriptors, again and again', ['\0AUTH EXTERNAL 30\r\n', 'NEGOTIATE_UNIX_FD\r\n'.repeat(20)]],
    ['sends a line of a megabyte', ['\0', Buffer.alloc(1 << 20, 0x41)]],
    ['sends noise after it was let in', [LET_IN, Buffer.alloc(4096, 0xa5)]],
    ['announces a body of gigabytes', [LET_IN, announcing(0x7fffffff, 0)]],
    ['announces a body of half a megabyte', [LET_IN, announcing(1 << 19, 0)]],
    ['announces header fields of gigabytes', [LET_IN, announcing(0, 0x7fffffff)]],
    ['speaks another version', [LET_IN, Buffer.from('6c01000200000000010000000000000000', 'hex')]],
  ])('%s', async (_, parts) => {
    const socket = await raw();
    for (const part of parts) socket.write(part);
    await gone(socket);
    await answers();
  });

  test('a message that is cut off when its sender closes', async () => {
    for (const length of [1, 15, 16, START.length - 1]) {
      const socket = await raw();
      socket.end(Buffer.concat([Buffer.from(LET_IN), START.subarray(0, length)]));
      await gone(socket);
    }
    await answers();
  });
});

describe('whatever a peer calls is answered with an error', () => {
  const huge = 'x'.repeat(100_000);

  test.each<[string, string, string, unknown[]]>([
    [TRANSACTION, 'Start', 's', ['x']],
    [TRANSACTION, 'Start', 'a{sv}', [new Map([[huge, new Variant('s', huge)]])]],
    [TRANSACTION, 'Cancel', 'b', [true]],
    [TRANSACTION, 'Cancel', 'as', [[huge]]],
    [TRANSACTION, 'NoSuchMethod', '', []],
    [TRANSACTION, 'constructor', '', []],
    [TRANSACTION, '__proto__', '', []],
    [TRANSACTION, 'x'.repeat(255), '', []],
    ['org.aptostree1.Sysroot', 'Reload', '', []],
    ['org.aptostree1.OS', 'Upgrade', 'a{sv}', [new Map()]],
    ['org.freedesktop.DBus', 'Hello', '', []],
    [PROPERTIES, 'Get', 'ss', [TRANSACTION, 'constructor']],
    [PROPERTIES, 'Get', 'ss', [huge, huge]],
    [PROPERTIES, 'Get', 's', [TRANSACTION]],
    [PROPERTIES, 'GetAll', 's', [huge]],
    [PROPERTIES, 'Set', 'ssv', [TRANSACTION, 'Title', new Variant('s', 'x')]],
  ])('%s.%s (%s)', async (name, member, signature, body) => {
    const peer = await connectPeer(address);
    const error = {
      name: 'DbusError',
      dbusName: expect.stringMatching(/^org\.freedesktop\.DBus\.Error\.(?!Disconnected)/),
    };
    await expect(call(peer, name, member, signature, body)).rejects.toMatchObject(error);
    await expect(call(peer, name, member, signature, body, '/x')).rejects.toMatchObject(error);
    await call(peer, 'org.freedesktop.DBus.Peer', 'Ping');
    peer.destroy();
  });

  test('replies and signals that nobody waits for count for nothing', async () => {
    const peer = await connectPeer(address);
    const frame = { flags: 0, signature: 's', body: [huge] };
    peer.send({ ...frame, type: 2, serial: 7, replySerial: 1 });
    peer.send({ ...frame, type: 3, serial: 8, replySerial: 2, errorName: 'org.example.Error' });
    peer.send({ ...frame, type: 4, serial: 9, path: '/', interface: TRANSACTION, member: 'Finished' });
    peer.send({ ...frame, type: 200, serial: 10, path: '/', interface: TRANSACTION, member: 'Cancel' });
    await call(peer, 'org.freedesktop.DBus.Peer', 'Ping');
    peer.destroy();
    await answers();
  });
});

test('those who hang do not hold it up: it starts, ends, and they are gone', async () => {
  const descriptors = () => readdirSync(`/proc/${daemon}/fd`).length;
  const before = descriptors();
  const silent = await raw();
  const half = await raw();
  half.write(Buffer.concat([Buffer.from(LET_IN), START.subarray(0, START.length - 1)]));
  const deaf = await connectPeer(address);
  const crowd = await Promise.all(Array.from({ length: 40 }, raw));
  for (const socket of crowd) socket.write(LET_IN);
  const ends = [silent, half, ...crowd].map(gone);
  await answers();
  const peer = await connectPeer(address);
  const finished = new Promise((resolve) => {
    peer.onSignal = ({ member, body }) => member === 'Finished' && resolve(body);
  });
  expect(await call(peer, TRANSACTION, 'Start')).toEqual([true]);
  expect(await finished).toEqual([true, '']);
  peer.destroy();
  await Promise.all([...ends, deaf.closed]);
  expect(await world.client(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
  for (let tries = 0; tries < 200 && descriptors() > before; tries++) await new Promise((r) => setTimeout(r, 200));
  expect(descriptors()).toBeLessThanOrEqual(before);
});
