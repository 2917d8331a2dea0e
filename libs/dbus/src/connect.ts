import { createConnection, type Socket } from 'node:net';
import { AotError, explain } from '@apt-ostree/errors';
import { socketPath } from './address.ts';
import { authenticate } from './authenticate.ts';
import { Connection } from './connection.ts';

/**
 * Connects to another program, which is no bus.
 * @param address as D-Bus has it: `unix:path=/run/x`
 * @throws AotError `unavailable` where nobody listens
 */
export async function connectPeer(address: string): Promise<Connection> {
  const socket = await open(socketPath(address), address);
  try {
    return new Connection(socket, await authenticate(socket));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function open(path: string, address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  }).catch((error) => {
    const reason = explain(error, `cannot connect to '${address}'`) as Error;
    throw new AotError('unavailable', reason.message, { code: 'no-bus', cause: error });
  }) as Promise<Socket>;
}
