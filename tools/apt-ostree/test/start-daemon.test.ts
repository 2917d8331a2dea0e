import { type Bus, DbusError } from '@apt-ostree/dbus';
import { afterEach, expect, test, vi } from 'vitest';
import { whyNot } from '../src/host/daemon/reach.ts';
import { startDaemon } from '../src/host/daemon/start.ts';
import { fakeContext } from './fake.ts';

afterEach(() => void vi.useRealTimers());

/** A bus that gives up after 25 seconds, each time. */
function busThatFails(name: string, message: string) {
  const asked: number[] = [];
  const start = async (_: string, timeout: number) => {
    asked.push(timeout);
    vi.advanceTimersByTime(25_000);
    throw new DbusError(`org.freedesktop.DBus.Error.${name}`, message);
  };
  return { bus: { start, connection: { destroy() {} } } as unknown as Bus, asked };
}

test('a bus that gives up is asked again for five minutes, and then the unit is named', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
  const { bus, asked } = busThatFails('TimedOut', 'Failed to activate service');
  const { context, said } = fakeContext();
  const error = await startDaemon(bus, context).catch((e) => e);
  expect(error).toMatchObject({
    code: 'daemon-not-started',
    message: 'cannot start the daemon: its activation by the bus timed out (apt-ostreed.service)',
    hint: "'systemctl status apt-ostreed' says more; root can work without it",
  });
  expect(whyNot(error)).toBe(`${error.message} ('systemctl status apt-ostreed' says more)`);
  expect(asked).toHaveLength(12);
  expect(said).toHaveLength(1);
});

test('where it is not installed, that is all there is to say', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
  const { bus, asked } = busThatFails('ServiceUnknown', 'The name is not activatable');
  const error = await startDaemon(bus, fakeContext().context).catch((e) => e);
  expect(whyNot(error)).toBe('it is not installed');
  expect(asked).toHaveLength(1);
});
