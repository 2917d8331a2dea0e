import { describe, expect, test } from 'vitest';
import { AUTOMATIC, automaticRow, spanText, TIMER } from '../src/host/status/automatic.ts';
import { warningText } from '../src/host/status/finalize-failure.ts';
import { initiatorOf } from '../src/host/status/transaction.ts';
import { parseUnits } from '../src/host/status/units.ts';

const SECOND = 1_000_000;

/** As systemctl show prints them. */
const units = (timer: string, service: string, ended = 0) =>
  parseUnits(`Id=${TIMER}
LoadState=loaded
ActiveState=${timer}
InactiveEnterTimestampMonotonic=0

Id=${AUTOMATIC}
LoadState=loaded
ActiveState=${service}
InactiveEnterTimestampMonotonic=${ended}
`);

describe('automatic updates', () => {
  const row = (...given: Parameters<typeof units>) => automaticRow('stage', units(...given), 20_000 * SECOND, false);
  test.each([
    [row('active', 'inactive'), 'no runs since boot'],
    [row('active', 'inactive', 3680 * SECOND), 'last run 4h 32min ago'],
    [row('active', 'failed'), 'last run failed'],
    [row('active', 'activating'), 'running'],
    [row('inactive', 'inactive'), 'inactive'],
    [automaticRow('stage', new Map(), 0, false), 'unknown state'],
    [
      automaticRow('stage', parseUnits(`Id=${TIMER}\nLoadState=not-found\nActiveState=inactive\n`), 0, false),
      'unknown state',
    ],
  ])('%s', (found, state) => {
    expect(found).toBe(`AutomaticUpdates: stage; ${TIMER}: ${state}`);
  });

  test('none: only told in full', () => {
    expect(automaticRow('none', new Map(), 0, false)).toBeUndefined();
    expect(automaticRow('none', new Map(), 0, true)).toBe('AutomaticUpdates: disabled');
  });

  test.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1min'],
    [3601, '1h'],
    [90_061, '1d 1h'],
  ])('%i seconds', (seconds, text) => {
    expect(spanText(seconds * SECOND)).toBe(text);
  });
});

test('a shutdown that could not finalize, with the last error of its unit', () => {
  expect(warningText('Finalizing\nerror: first\nerror: No space left on device\nended\n')).toBe(
    `Warning: failed to finalize previous deployment
         error: No space left on device
         check \`journalctl -b -1 -u ostree-finalize-staged.service\`
`,
  );
  expect(warningText('')).toMatch(/^Warning: .*\n +check .*\n$/);
});

test('who is at work: a process, or a client of the daemon', () => {
  expect(initiatorOf(`apt-ostree upgrade (process ${process.pid})`, '')).toMatch(
    new RegExp(`^client\\(pid:${process.pid}( unit:\\S+)? uid:${process.getuid?.()}\\)$`),
  );
  expect(initiatorOf(`apt-ostree upgrade (process ${process.pid})`, ':1.102')).toBe('client(dbus:1.102)');
  expect(initiatorOf('unknown', '')).toBeUndefined();
});
