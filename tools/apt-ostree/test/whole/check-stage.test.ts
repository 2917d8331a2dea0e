import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { STAGES } from '@apt-ostree/pipeline';
import { describe, expect, test } from 'vitest';
import { vectorsOf } from '../../src/ex/check-stage/vectors.ts';
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

test("the guide's stage in twenty lines of shell passes every vector", async () => {
  const code = readFileSync(join(top, 'docs/examples/stages/fetch.sh'), 'utf8').split('\n');
  expect(code.filter((line) => line !== '' && !line.startsWith('#')).length).toBe(20);
  const { lines, error } = await check('fetch', join(top, 'docs/examples/stages/fetch.sh'));
  expect(lines.filter((l) => !l.startsWith('pass '))).toEqual([]);
  expect(lines.length).toBeGreaterThan(15);
  expect(error).toBeUndefined();
});

const failed = (lines: readonly string[]) => lines.flatMap((l) => /^FAIL ([^:]*):/.exec(l)?.[1] ?? []);

test.each(STAGES)('every vector of stage %s can fail', async (stage) => {
  const all = vectorsOf(stage).map(({ name }) => name);
  const idle = await check(stage, 'true'); // reads nothing, says nothing, and is content
  expect(failed(idle.lines)).toEqual(all.filter((name) => name !== 'succeeds'));
  expect(failed((await check(stage, 'false')).lines)).toEqual(all);
});

describe.concurrent('broken programs fail the vectors that their first lines name, and only those', () => {
  test.each(readdirSync(fixtures))(
    '%s',
    async (file) => {
      const program = join(fixtures, file);
      const said = (what: string) => new RegExp(`^# ${what}: (.*)$`, 'm').exec(readFileSync(program, 'utf8'))?.[1];
      const wanted = said('Fails')?.split(' ') as string[];
      const { lines, error } = await check(said('Stage') ?? 'fetch', program);
      expect(failed(lines).toSorted()).toEqual(wanted.toSorted());
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
