import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, connectPeer, encodeMessage, Objects, type PeerServer, servePeers } from '../src/index.ts';

const XML = `<node><interface name="org.example.Adder">
  <method name="Add"><arg name="a" type="u" direction="in"/><arg name="b" type="u" direction="in"/><arg name="sum" type="u" direction="out"/></method>
  <method name="Wrong"><arg name="sum" type="u" direction="out"/></method>
  <property name="Sum" type="u" access="read"/>
  <signal name="Added"><arg name="sum" type="u"/></signal>
</interface></node>`;

let server: PeerServer;
let path: string;
let sum = 0;

beforeEach(async () => {
  path = join(temporary(), 'socket');
  const objects = new Objects(XML);
  objects.add('/', 'org.example.Adder', {
    methods: {
      Add: ({ args: [a, b], connection }) => {
        sum = Number(a) + Number(b);
        objects.emit(connection, '/', 'org.example.Adder', 'Added', sum);
        return [sum];
      },
      Wrong: () => [-1],
    },
    properties: { Sum: () => sum },
  });
  server = await servePeers(path, (peer) => {
    peer.onCall = (call, connection) => objects.handle(call, connection);
  });
});
afterEach(() => server.close());

const call = (peer: Connection, member: string, signature = '', body: unknown[] = [], name = 'org.example.Adder') =>
  peer.call({ path: '/', interface: name, member, signature, body });

test('a call, a property, a signal', async () => {
  const peer = await connectPeer(server.address);
  const signals: unknown[] = [];
  peer.onSignal = ({ member, body }) => signals.push([member, body]);
  expect(await call(peer, 'Add', 'uu', [2, 3])).toEqual([5]);
  expect(signals).toEqual([['Added', [5]]]);
  const [value] = await call(peer, 'Get', 'ss', ['org.example.Adder', 'Sum'], 'org.freedesktop.DBus.Properties');
  expect(value).toMatchObject({ signature: 'u', value: 5 });
  expect(server.peers.size).toBe(1);
  peer.close();
  await peer.closed;
  await expect(call(peer, 'Add', 'uu', [1, 1])).rejects.toThrow('closed');
});

test('what cannot be called is answered with an error', async () => {
  const peer = await connectPeer(server.address);
  await expect(call(peer, 'Add', 's', ['x'])).rejects.toThrow("'Add' takes 'uu', not 's'");
  await expect(call(peer, 'Subtract')).rejects.toMatchObject({ dbusName: 'org.freedesktop.DBus.Error.UnknownMethod' });
  await expect(call(peer, 'Add', 'uu', [1, 2], 'a.b')).rejects.toThrow('has no interface');
  await expect(peer.call({ path: '/x', interface: 'a.b', member: 'C' })).rejects.toThrow('no object');
  await expect(call(peer, 'Wrong')).rejects.toThrow();
  expect(await call(peer, 'Add', 'uu', [1, 1])).toEqual([2]);
  peer.destroy();
});

test('clients that are not ours: GDBus, libdbus, sd-bus', async () => {
  const { address } = server;
  const script = `
import dbus.connection, sys
c = dbus.connection.Connection(sys.argv[1])
print(c.call_blocking(None, '/', 'org.example.Adder', 'Add', 'uu', (6, 7)))`;
  const python = await run('/usr/bin/python3', ['-c', script, address]);
  expect(python.stdout).toBe('13\n');
  // the tools of GDBus and sd-bus greet a bus first, and this is none: our error comes back, so they were let in
  const gdbus = await run('gdbus', ['introspect', '--address', address, '-o', '/'], { ok: 'any' });
  expect(gdbus.stderr).toContain("there is no object '/org/freedesktop/DBus'");
  const busctl = await run('busctl', [`--address=${address}`, 'introspect', 'org.example', '/'], { ok: 'any' });
  expect(busctl.stderr).toMatch(/Unknown object|no object|Invalid request/);
});

describe('a peer that means no good', () => {
  const raw = () =>
    new Promise<Socket>((resolve) => {
      const socket = createConnection(path, () => resolve(socket));
      socket.on('error', () => {});
    });
  const ended = (socket: Socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve()).resume());

  test.each<[string, (string | Buffer)[]]>([
    ['does not begin with a zero', ['AUTH EXTERNAL 30\r\n']],
    ['sends a line without end', ['\0', 'A'.repeat(5000)]],
    ['never authenticates', ['\0', 'HELLO\r\n'.repeat(20)]],
    ['begins before it is let in', ['\0', 'BEGIN\r\n'.repeat(20)]],
    ['sends what is no message', ['\0AUTH EXTERNAL 30\r\nBEGIN\r\n', Buffer.alloc(64, 0xff)]],
    [
      'announces a message of gigabytes',
      ['\0AUTH EXTERNAL 30\r\nBEGIN\r\n', Buffer.from('6c0100010000007f0100000000000000', 'hex')],
    ],
    [
      'announces a message that is longer than peers have to say',
      ['\0AUTH EXTERNAL 30\r\nBEGIN\r\n', Buffer.from('6c010001000006000100000000000000', 'hex')],
    ],
  ])('%s: is let go', async (_, parts) => {
    const socket = await raw();
    for (const part of parts) socket.write(part);
    await ended(socket);
    const peer = await connectPeer(server.address);
    expect(await call(peer, 'Add', 'uu', [1, 2])).toEqual([3]);
    peer.destroy();
  });

  test('a message that comes byte by byte is a message', async () => {
    const socket = await raw();
    const message = encodeMessage({
      ...{ type: 1, flags: 0, serial: 1, path: '/', interface: 'org.example.Adder', member: 'Add', signature: 'uu' },
      body: [20, 22],
    });
    socket.write('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n');
    const answer = new Promise<Buffer>((resolve) => {
      let all = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        all = Buffer.concat([all, chunk]);
        if (all.includes(Buffer.from([42, 0, 0, 0]))) resolve(all);
      });
    });
    for (const byte of message) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(String(await answer)).toContain('OK ');
    socket.destroy();
  });
});
