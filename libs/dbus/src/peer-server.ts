import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { explain } from '@apt-ostree/errors';
import { addressOf } from './address.ts';
import { acceptClient } from './authenticate.ts';
import { Connection } from './connection.ts';

/** More connections at a time are refused. */
const MAX_PEERS = 64;
/** What peers say is short: those who stop in the middle of a message keep no more than this. */
const MAX_MESSAGE = 256 * 1024;

export interface PeerServer {
  /** As D-Bus has it. */
  address: string;
  /** Those that are open. */
  peers: ReadonlySet<Connection>;
  /** Lets nobody in any longer; who is connected stays. */
  close(): void;
}

/**
 * Listens on a socket for peers. Everybody who can reach the socket's name gets in: the name is the capability.
 * @param path must not be there; it is removed by `close`
 * @param greet called with each peer after its authentication
 */
export async function servePeers(path: string, greet: (peer: Connection) => void): Promise<PeerServer> {
  const peers = new Set<Connection>();
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    acceptClient(socket).then(
      (rest) => {
        const peer = new Connection(socket, rest, MAX_MESSAGE);
        peers.add(peer);
        void peer.closed.then(() => peers.delete(peer));
        greet(peer);
      },
      () => socket.destroy(),
    );
  });
  server.maxConnections = MAX_PEERS;
  await listen(server, path);
  chmodSync(path, 0o666);
  return {
    address: addressOf(path),
    peers,
    close: () => {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, `cannot listen on '${path}'`)));
    server.listen(path, resolve);
  });
}
