import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runPipeline, type Stage } from '../src/index.ts';

const shell = (name: string, script: string): Stage => ({ name, command: ['sh', '-c', script], own: false });
const own = (name: string, script: string): Stage => ({ name, command: ['sh', '-c', script], own: true });

function listen() {
  const lines: string[] = [];
  const events: unknown[] = [];
  return { lines, events, progress: (e: unknown) => events.push(e), line: (l: string) => lines.push(l) };
}

/** A zombie counts as dead: it waits for an init that is not ours. */
const alive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test('output goes from stage to stage, and each whole output can be seen', async () => {
  const seen: string[] = [];
  const text = await runPipeline(
    [shell('resolve', 'echo one'), shell('fetch', 'cat; echo two'), shell('unpack', 'cat; echo three')],
    {
      ...listen(),
      output: (stage, output) => seen.push(`${stage.name}: ${output}`),
    },
  );
  expect(text).toBe('one\ntwo\nthree\n');
  expect(seen[0]).toBe('resolve: one\n');
  expect(seen[1]).toBe('fetch: one\ntwo\n');
});

test('a large document passes whole, also to a stage that reads late', async () => {
  const input = 'x'.repeat(5_000_000);
  const stages = [shell('a', 'cat'), shell('b', 'sleep 0.2; cat'), shell('c', 'wc -c')];
  expect((await runPipeline(stages, { ...listen(), input })).trim()).toBe('5000000');
});

test('stages wait for input that comes later, and are ended when none does', async () => {
  const stages = [shell('a', 'cat'), shell('b', 'cat; echo $$')];
  const later = sleep(50).then(() => 'late\n');
  expect(await runPipeline(stages, { ...listen(), input: later })).toMatch(/^late\n\d+\n$/);
  const heard = listen();
  const waiting = [shell('a', 'echo $$ >&2; exec cat'), shell('b', 'exec cat')];
  const none = sleep(200).then(() => Promise.reject(new Error('none came')));
  await expect(runPipeline(waiting, { ...heard, input: none })).rejects.toThrow('none came');
  expect(alive(Number(heard.lines[0]))).toBe(false);
});

test('a stage that does not read its input does not stop the one before', async () => {
  const stages = [shell('a', 'head -c 3000000 /dev/zero'), shell('b', 'echo done')];
  expect(await runPipeline(stages, listen())).toBe('done\n');
});

test('blames the stage that failed by itself, not the one that would have seen a short input', async () => {
  const stages = [shell('resolve', 'echo part; echo broken >&2; exit 3'), shell('fetch', 'cat >/dev/null; exit 65')];
  await expect(runPipeline(stages, listen())).rejects.toThrow("stage 'resolve' failed: it ended with 3: broken");
});

test('blames a later stage when only that failed', async () => {
  const stages = [shell('a', 'sleep 30'), shell('b', 'exit 65')];
  await expect(runPipeline(stages, listen())).rejects.toMatchObject({ stage: 'b', exit: 65 });
});

test("tells an own stage's error in its words", async () => {
  const report = JSON.stringify({ error: { code: 'c', message: 'cannot do it', hint: 'try', stage: 'aot-x' } });
  const heard = listen();
  const stages = [own('fetch', `echo note >&2; echo '${report}' >&2; exit 69`)];
  await expect(runPipeline(stages, heard)).rejects.toMatchObject({ message: 'cannot do it', hint: 'try', exit: 69 });
  expect(heard.lines).toEqual(['note']);
});

test("hands on an own stage's progress", async () => {
  const heard = listen();
  await runPipeline([own('fetch', `echo '{"type":"begin"}' >&3`)], heard);
  expect(heard.events).toEqual([{ type: 'begin' }]);
});

test('a killed stage is named with its signal', async () => {
  await expect(runPipeline([shell('fetch', 'kill -9 $$')], listen())).rejects.toThrow(
    "stage 'fetch' failed: it was killed by SIGKILL",
  );
});

test('a program that is not there is named', async () => {
  const stages: Stage[] = [{ name: 'fetch', command: ['/nonexistent/aot-fetch'], own: false }, shell('unpack', 'cat')];
  await expect(runPipeline(stages, listen())).rejects.toThrow('/nonexistent/aot-fetch');
});

test('an abort ends every stage and their children before it returns', async () => {
  const heard = listen();
  const abort = new AbortController();
  const ended = runPipeline([shell('a', 'sleep 300 & echo $! >&2; wait'), shell('b', 'cat')], {
    ...heard,
    signal: abort.signal,
  });
  while (heard.lines.length === 0) await sleep(10);
  abort.abort(new Error('stop'));
  await expect(ended).rejects.toThrow('stop');
  expect(alive(Number(heard.lines[0]))).toBe(false);
});

test('what is wrong with the input of a stage is said of the stage that it comes from', async () => {
  const error = { code: 'invalid-manifest', message: 'cannot use the manifest from standard input: bad', hint: null };
  const failing = own(
    'fetch',
    `cat >&2 <<'END'\n${JSON.stringify({ error: { ...error, stage: 'fetch' } })}\nEND\nexit 65`,
  );
  await expect(runPipeline([shell('after resolve', 'echo x'), failing], listen())).rejects.toMatchObject({
    ...{ exit: 65, stage: 'fetch', message: "cannot use the manifest from stage 'after resolve': bad" },
  });
  await expect(runPipeline([failing], { ...listen(), input: '' })).rejects.toThrow(error.message);
});

test('what a program that is not ours wrote is held against what it is to write, before anybody reads it', async () => {
  const next = own('fetch', 'cat >/dev/null; exit 65');
  const filter = (script: string, writes: Stage['writes'] = 'aot.packages/v1'): Stage => ({
    ...shell('after resolve', script),
    ...(writes ? { writes } : {}),
  });
  const blamed = (stage: Stage) => runPipeline([shell('resolve', 'echo {}'), stage, next], listen()).catch((e) => e);
  expect(await blamed(filter('echo "{}"'))).toMatchObject({
    ...{ exit: 65, stage: 'after resolve', code: 'wrong-kind' },
    message: "cannot use the manifest from stage 'after resolve': it has no kind",
    hint: expect.stringContaining('its command is: sh -c'),
  });
  expect(await blamed(filter(':'))).toMatchObject({ exit: 66, stage: 'after resolve' });
  expect(await blamed(filter('echo "{"'))).toMatchObject({ exit: 65, stage: 'after resolve', code: 'cut-manifest' });
  const wrong = JSON.stringify({ kind: 'aot.packages/v1', packages: 'none' });
  expect((await blamed(filter(`echo '${wrong}'`))).message).toMatch(
    /^cannot use the manifest from stage 'after resolve': it is no valid aot\.packages\/v1: /,
  );
  const stream = JSON.stringify({ kind: 'aot.archives/v1', stream: true });
  expect(await blamed(filter(`echo '${stream}'`, 'aot.archives/v1'))).toMatchObject({
    ...{ exit: 65, stage: 'after resolve', message: expect.stringContaining("from stage 'after resolve'") },
  });
});
