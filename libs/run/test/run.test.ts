import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run, runJson, start } from '../src/index.ts';

const sh = (script: string, options = {}) => run('sh', ['-c', script], options);

describe('run', () => {
  test('gives output and code', async () => {
    expect(await sh('echo out; echo err >&2')).toEqual({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
    expect(await sh('exit 3', { ok: [0, 3] })).toMatchObject({ exitCode: 3 });
    expect(await sh('exit 9', { ok: 'any' })).toMatchObject({ exitCode: 9 });
  });

  test('passes arguments as they are', async () => {
    const odd = ['$HOME', 'a b', '; exit 1', "'", '', '*'];
    expect((await run('printf', ['%s\\n', ...odd])).stdout).toBe(`${odd.join('\n')}\n`);
  });

  test('feeds standard input, which is empty unless said', async () => {
    expect((await run('cat', [], { input: 'hällo' })).stdout).toBe('hällo');
    expect((await run('cat', [])).stdout).toBe('');
  });

  test('environment and directory', async () => {
    expect((await sh('echo "$A$PWD"', { env: { A: '1' }, cwd: '/usr' })).stdout).toBe('1/usr\n');
    expect((await run('/usr/bin/env', [], { env: { A: '1' }, clearEnv: true })).stdout).toBe('A=1\n');
  });

  test('output that nobody wants is not kept', async () => {
    expect(await sh('echo a; echo b >&2', { stdout: 'ignore', stderr: 'ignore' })).toMatchObject({
      stdout: '',
      stderr: '',
    });
  });

  test('output as JSON', async () => {
    expect(await runJson('echo', ['{"a":[1]}'])).toEqual({ a: [1] });
  });
});

describe('what fails', () => {
  test('says what was being done and how it ended', async () => {
    await expect(sh('echo trouble >&2; exit 2', { what: "cannot do 'it'", hint: 'do that' })).rejects.toMatchObject({
      name: 'AotError',
      exit: 1,
      code: 'command-failed',
      message: "cannot do 'it': trouble",
      hint: 'do that',
    });
    await expect(sh('exit 2')).rejects.toThrow("cannot run 'sh': sh ended with 2");
    await expect(sh('kill -9 $$')).rejects.toThrow("cannot run 'sh': sh was killed by SIGKILL");
  });

  test('shows the last lines only', async () => {
    const error: AotError = await sh('seq 1 100 >&2; exit 1').then(
      () => expect.fail('it did not fail'),
      (caught) => caught,
    );
    expect(error.message.split('\n').slice(1)).toEqual([
      '90',
      '91',
      '92',
      '93',
      '94',
      '95',
      '96',
      '97',
      '98',
      '99',
      '100',
    ]);
  });

  test('for want of space is an error of the machine', async () => {
    await expect(sh('head -c 9 /dev/zero >/dev/full')).rejects.toMatchObject({
      exit: 74,
      hint: expect.stringContaining('space'),
    });
  });

  test.each([
    ['no-such-program-at-all', "install Debian's package 'no-such-program-at-all'"],
    ['bwrap', "install Debian's package 'bubblewrap'"],
  ])('%s that is not installed names its package', async (file, hint) => {
    const missing = { exit: 71, code: 'not-installed', message: `cannot run '${file}': not found`, hint };
    await expect(run(file, [], { env: { PATH: '/nowhere' } })).rejects.toMatchObject(missing);
    await expect(start(file, [], { env: { PATH: '/nowhere' } }).ended).rejects.toMatchObject(missing);
  });

  test('a directory that is not there is not a missing program', async () => {
    await expect(run('true', [], { cwd: '/nowhere' })).rejects.toMatchObject({
      exit: 66,
      message: "cannot run 'true' in '/nowhere': no such directory",
    });
  });

  test('takes too long', async () => {
    await expect(sh('sleep 60', { timeout: 50, what: "cannot do 'it'" })).rejects.toMatchObject({
      code: 'timeout',
      message: "cannot do 'it': timed out",
    });
  });

  test('writes too much', async () => {
    await expect(sh('yes', { maxBuffer: 1000 })).rejects.toBeInstanceOf(AotError);
  });

  test('is aborted with the reason of the signal', async () => {
    const controller = new AbortController();
    const running = sh('sleep 60', { signal: controller.signal });
    controller.abort(new Error('interrupted'));
    await expect(running).rejects.toThrow('interrupted');
  });
});

test('spans are appended to AOT_TRACE in the form of Chrome traces, by every process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trace-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'trace.json');
  process.env['AOT_TRACE'] = file;
  onTestFinished(() => void delete process.env['AOT_TRACE']);
  const { span } = await import(`../src/trace.ts?${'fresh'}`);
  expect(await span('phase', 'one', async () => 42)).toBe(42);
  await expect(
    span('command', 'two', async () => {
      throw new Error('failed');
    }),
  ).rejects.toThrow('failed');
  const events = JSON.parse(`[${readFileSync(file, 'utf8').replace(/,\n$/, '')}]`);
  expect(events).toMatchObject([
    { name: 'one', cat: 'phase', ph: 'X', pid: process.pid },
    { name: 'two', cat: 'command', ph: 'X' },
  ]);
});
