import { expect, test } from 'vitest';
import { refuseMounts } from './remove-trees.ts';
import { hasFailed, type Outcome } from './sweep.ts';

const outcome = (state: 'pass' | 'fail' | 'run' | 'skip', ...tasks: Outcome[]): Outcome => ({
  result: { state },
  tasks,
});

test.each([
  ['all passed', false, outcome('run', outcome('run', outcome('pass')), outcome('pass'))],
  ['one was left out', false, outcome('run', outcome('pass'), outcome('skip'), {})],
  ['one failed', true, outcome('run', outcome('pass'), outcome('fail'))],
  ['one failed further down', true, outcome('run', outcome('run', outcome('run', outcome('fail'))), outcome('pass'))],
  ['a hook failed', true, outcome('fail', outcome('skip'))],
  ["a hook of a 'describe' failed", true, outcome('run', outcome('fail', outcome('pass')))],
])('%s', (_what, failed, file) => {
  expect(hasFailed(file)).toBe(failed);
});

const mount = (path: string) => `42 27 0:39 / ${path} rw,relatime - tmpfs tmpfs rw\n`;

test.each(['/no/such', '/no/such/place', '/no/such/a\\040b/c'])('nothing is removed with a mount at %s', (path) => {
  const shown = path.replace('\\040', ' ');
  expect(() => refuseMounts('/no/such', mount('/') + mount(path))).toThrow(`still mounted: ${shown}`);
});

test('mounts elsewhere are no reason', () => {
  refuseMounts('/no/such', mount('/') + mount('/no') + mount('/no/such-else'));
});
