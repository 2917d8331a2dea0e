import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { CallLog } from '../src/call-log.ts';

function log() {
  const file = join(temporary(onTestFinished), 'log');
  writeFileSync(file, '');
  return { log: new CallLog(file), write: (text: string | Uint8Array) => appendFileSync(file, text) };
}

test('records are read in order, with anything in their arguments', () => {
  const { log: calls, write } = log();
  write('5\0B\0a:all\0postinst\0configure\0\0' + '4\0C\0systemctl\0two\nlines\0é\0' + '2\0E\x003\0');
  expect(calls.read()).toEqual([
    { type: 'begin', package: 'a:all', script: 'postinst', args: ['configure', ''] },
    { type: 'call', program: 'systemctl', args: ['two\nlines', 'é'] },
    { type: 'end', exit: 3 },
  ]);
  expect(calls.read()).toEqual([]);
});

test('a record that is being written waits for its rest', () => {
  const { log: calls, write } = log();
  const record = Buffer.from('3\0C\0mount\0caf\u00e9\0');
  for (const byte of record.subarray(0, -1)) {
    write(Uint8Array.of(byte));
    expect(calls.read()).toEqual([]);
  }
  write('\0');
  expect(calls.read()).toEqual([{ type: 'call', program: 'mount', args: ['café'] }]);
});

test.each(['x\0', '0\0', '1\0Z\0'])('a forged record %j is an error', (text) => {
  const { log: calls, write } = log();
  write(text);
  expect(() => calls.read()).toThrow('a script wrote into it');
});
