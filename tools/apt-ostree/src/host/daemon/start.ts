import type { Context } from '@apt-ostree/cli';
import { type Bus, type DbusError, isDbusError } from '@apt-ostree/dbus';
import { AotError, isAotError } from '@apt-ostree/errors';
import { BUS_NAME } from '@apt-ostree/host';

const UNIT = 'apt-ostreed.service';

/** As long as the unit may take to start: its TimeoutStartSec. */
const PATIENCE = 300_000;

/**
 * Has the bus start the daemon. The bus itself gives up after 25 seconds (dbus-daemon(1), service_start_timeout), while systemd
 * goes on with a machine that is slow: so it is asked again, until the unit may take no longer.
 * @throws AotError `unavailable` that says what failed; DbusError `ServiceUnknown` where it is not installed
 */
export async function startDaemon(bus: Bus, { signal, note }: Pick<Context, 'signal' | 'note'>): Promise<void> {
  const leave = () => bus.connection.destroy();
  signal.addEventListener('abort', leave);
  const end = performance.now() + PATIENCE;
  try {
    for (let tries = 1; ; tries++) {
      const error = await failureOf(bus.start(BUS_NAME, Math.max(1, end - performance.now())));
      signal.throwIfAborted();
      if (error === undefined) return;
      if (isUnknown(error)) throw error;
      if (!isLate(error) || performance.now() >= end) throw notStarted(error);
      if (tries === 1) note(`note: waiting for the daemon: ${UNIT} takes long to start`);
    }
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function failureOf(started: Promise<void>): Promise<DbusError | undefined> {
  try {
    await started;
    return undefined;
  } catch (error) {
    if (isDbusError(error)) return error;
    throw error;
  }
}

/** Nobody told the bus how to start it. */
export const isUnknown = (error: unknown): boolean =>
  isDbusError(error) && error.dbusName === 'org.freedesktop.DBus.Error.ServiceUnknown';

const isLate = ({ dbusName }: DbusError): boolean =>
  /^org\.freedesktop\.DBus\.Error\.(TimedOut|NoReply)$/.test(dbusName);

const SAYS_MORE = "'systemctl status apt-ostreed' says more";

const notStarted = (error: DbusError): AotError => {
  const why = isLate(error) ? `its activation by the bus timed out (${UNIT})` : `${UNIT}: ${error.message}`;
  return new AotError('unavailable', `cannot start the daemon: ${why}`, {
    ...{ code: 'daemon-not-started', cause: error },
    hint: `${SAYS_MORE}; root can work without it`,
  });
};

/** Whether it is installed and did not start. */
export const isNotStarted = (error: unknown): error is AotError =>
  isAotError(error) && error.code === 'daemon-not-started';

/** The same in one line. */
export const inOneLine = ({ message }: AotError): string => `${message.split('\n')[0]} (${SAYS_MORE})`;
