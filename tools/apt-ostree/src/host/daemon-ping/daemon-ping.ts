import { AotError } from '@apt-ostree/errors';
import { BUS_NAME, requireHost } from '@apt-ostree/host';
import { type Daemon, reach, SYSROOT, whyNot } from '../daemon/reach.ts';

/** `daemon-ping`: pong, or why not. */
export async function daemonPing(): Promise<string> {
  requireHost('/', { root: false });
  const daemon = await reach('/').catch((error) => {
    throw new AotError('unavailable', `cannot reach the daemon: ${whyNot(error)}`, { code: 'no-daemon', cause: error });
  });
  const { connection } = (daemon as Daemon).bus;
  const ping = { destination: BUS_NAME, path: SYSROOT, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };
  await connection.call({ ...ping, timeout: 30_000 });
  connection.destroy();
  return 'pong\n';
}
