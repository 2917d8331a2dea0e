import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { expect, test } from 'vitest';

const program = (name: string): string => join(import.meta.dirname, '../../node_modules/.bin', name);

test.each(['resolve', 'fetch', 'unpack', 'sandbox', 'commit'])(
  'aot-%s passes every vector of its stage',
  async (stage) => {
    const args = ['ex', 'check-stage', stage, program(`aot-${stage}`)];
    const { stdout, stderr, exitCode } = await run(program('apt-ostree'), args, { ok: 'any' });
    expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(exitCode, stderr).toBe(0);
  },
);
