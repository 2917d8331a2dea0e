import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkStage } from '../../src/ex/check-stage.ts';
import { fakeContext } from '../fake.ts';

const top = join(import.meta.dirname, '../../../..');
const fixtures = join(top, 'test/fixtures/stages');

/** Runs the vectors; the lines of the output and the error, if any. */
async function check(name: string, command: string) {
  const { context, out } = fakeContext();
  const error = await checkStage({ name, command }, context).catch((e: Error) => e);
  return { lines: out.join('').trim().split('\n'), error };
}

test("the guide's stage in shell passes every vector", async () => {
  const { lines, error } = await check('fetch', join(top, 'docs/examples/stages/fetch.sh'));
  expect(lines.filter((l) => !l.startsWith('pass '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(15);
  expect(error).toBeUndefined();
});

describe.concurrent('broken programs fail the vectors that their first lines name, and only those', () => {
  test.each(readdirSync(fixtures))(
    '%s',
    async (file) => {
      const program = join(fixtures, file);
      const wanted = /^# Fails: (.*)$/m.exec(readFileSync(program, 'utf8'))?.[1]?.split(' ') as string[];
      const { lines, error } = await check('fetch', program);
      const failed = lines.flatMap((l) => /^FAIL ([^:]*):/.exec(l)?.[1] ?? []);
      expect(failed.toSorted()).toEqual(wanted.toSorted());
      expect(error).toMatchObject({ exit: 1 });
      for (const vector of wanted) expect((error as Error).message).toContain(vector);
    },
    300_000,
  );
});

test('a stage that does not exist is a usage error', async () => {
  const { error } = await check('feetch', 'true');
  expect(error).toMatchObject({ exit: 64 });
});

test('a program that is not there is named', async () => {
  const { error } = await check('fetch', '/nonexistent/stage');
  expect((error as Error).message).toContain('/nonexistent/stage');
});
