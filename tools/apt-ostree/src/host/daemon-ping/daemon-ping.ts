import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { BUS_NAME, requireHost } from '@apt-ostree/host';
import { type Daemon, reach, SYSROOT, whyNot } from '../daemon/reach.ts';
import { isNotStarted } from '../daemon/start.ts';

/** `daemon-ping`: pong, or why not. */
export async function daemonPing(_args: unknown, context: Context): Promise<string> {
  requireHost('/', { root: false });
  const daemon = await reach('/', context).catch((error) => {
    context.signal.throwIfAborted();
    if (isNotStarted(error)) throw error;
    throw new AotError('unavailable', `cannot reach the daemon: ${whyNot(error)}`, { code: 'no-daemon', cause: error });
  });
  const { connection } = (daemon as Daemon).bus;
  const ping = { destination: BUS_NAME, path: SYSROOT, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };
  await connection.call({ ...ping, timeout: 30_000 });
  connection.destroy();
  return 'pong\n';
}
