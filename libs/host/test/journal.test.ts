import { expect, test } from 'vitest';
import { DEPLOYMENT_MESSAGE_ID, journalText } from '../src/journal.ts';

test('one field a line; a line break in a value cannot make another field', () => {
  const text = journalText({
    ...{ message: 'a\nPRIORITY=0', commandLine: 'apt-ostree upgrade', operation: 'upgrade' },
    ...{ stateroot: 'debian', checksum: 'a'.repeat(64), serial: 1, version: undefined },
  });
  const lines = text.trimEnd().split('\n');
  expect(lines).toContain(`MESSAGE_ID=${DEPLOYMENT_MESSAGE_ID}`);
  expect(lines).toContain('MESSAGE=a PRIORITY=0');
  expect(lines).toContain(`DEPLOYMENT_PATH=/ostree/deploy/debian/deploy/${'a'.repeat(64)}.1`);
  expect(lines.filter((l) => l.startsWith('PRIORITY='))).toEqual(['PRIORITY=6']);
  expect(text).not.toContain('OSTREE_VERSION');
});
