import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type RunOptions, run, start } from '@apt-ostree/run';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'cli-'));
const program = join(scratch, 'tool.mjs');
afterAll(() => rmSync(scratch, { recursive: true }));
beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./fixture/tool.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
});

const call = (args: string[], options: RunOptions = {}) =>
  run(process.execPath, [program, ...args], { ok: 'any', ...options });

describe('how a tool ends', () => {
  test.each<[string, string[], { exitCode: number; stdout: string; stderr: string }]>([
    ['with a text', ['run', 'text'], { exitCode: 0, stdout: 'result\n', stderr: 'a note\n' }],
    ['quietly', ['run', '-q', 'text'], { exitCode: 0, stdout: 'result\n', stderr: '' }],
    ['by another name of the command', ['go', '-q', 'text'], { exitCode: 0, stdout: 'result\n', stderr: '' }],
    ['with a code', ['run', '-q', 'unchanged'], { exitCode: 77, stdout: '', stderr: '' }],
    ['with nothing', ['run', '-q', 'nothing'], { exitCode: 0, stdout: '', stderr: '' }],
    [
      'with an error, made visible',
      ['run', '-q', 'error'],
      { exitCode: 65, stdout: '', stderr: "fixture: cannot use 'a\\x1b[31mb': wrong\nhint: do it otherwise\n" },
    ],
    [
      'with a full disk',
      ['run', '-q', 'full'],
      {
        exitCode: 74,
        stdout: '',
        stderr:
          "fixture: cannot go on with '/tmp/a': no space left on device\nhint: free some space and run the command again\n",
      },
    ],
    [
      'with an unknown option',
      ['run', '--quite', 'text'],
      { exitCode: 64, stdout: '', stderr: "fixture: unknown option '--quite'\nhint: did you mean '--quiet'?\n" },
    ],
    [
      'without a command',
      [],
      { exitCode: 64, stdout: '', stderr: "fixture: no command specified\nhint: see 'fixture --help'\n" },
    ],
    [
      'with an unknown command',
      ['rnu'],
      { exitCode: 64, stdout: '', stderr: "fixture: unknown command 'rnu'\nhint: did you mean 'run'?\n" },
    ],
    [
      'with a command to hand on',
      ['rest', '-q', 'rest', '--', 'ls', '--help', '-l'],
      { exitCode: 0, stdout: 'ls|--help|-l\n', stderr: '' },
    ],
    [
      'with a descriptor that is not open',
      ['run', '-q', '--progress-fd', '99', 'text'],
      {
        exitCode: 64,
        stdout: '',
        stderr:
          "fixture: option '--progress-fd' cannot be '99'\nhint: give the number of a descriptor that is open for writing\n",
      },
    ],
    [
      'with a result that could not be written, before the work, which would have failed',
      ['run', '-q', '-o', '/nonexistent/x', 'error'],
      { exitCode: 73, stdout: '', stderr: "fixture: cannot write '/nonexistent/x': no such file or directory\n" },
    ],
    [
      'with options before the command',
      ['--progress-fd', '2', '-q', 'run', 'text'],
      { exitCode: 0, stdout: 'result\n', stderr: '' },
    ],
  ])('%s', async (_, args, wanted) => {
    expect(await call(args)).toEqual(wanted);
  });

  test('a bug is said to be one', async () => {
    const { exitCode, stdout, stderr } = await call(['run', '-q', 'bug']);
    expect([exitCode, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^fixture: internal error: TypeError: x is undefined\n.*\nhint: this is a bug/s);
  });

  test('errors as JSON', async () => {
    const wrong = await call(['run', '-q', 'error', '--json-errors'], { env: { PORCELAIN: '1' } });
    expect(JSON.parse(wrong.stderr)).toEqual({
      error: {
        code: 'wrong-thing',
        message: "cannot use 'a\u001b[31mb': wrong",
        hint: 'do it otherwise',
        stage: 'fixture',
        exit: 65,
      },
    });
    const bug = await call(['run', '-q', 'bug', '--json-errors']);
    expect(JSON.parse(bug.stderr).error).toMatchObject({ code: 'internal', exit: 70, stage: 'fixture' });
  });

  test('the porcelain prints errors as rpm-ostree does, and every failure is 1', async () => {
    const { exitCode, stderr } = await call(['run', '-q', 'error'], { env: { PORCELAIN: '1' } });
    expect([exitCode, stderr.split('\n')[0]]).toEqual([1, "error: cannot use 'a\\x1b[31mb': wrong"]);
  });
});

describe('help and version', () => {
  test.each([[['--help']], [['-h']], [['run', '-qh', 'text']], [['run', '--help', '--nonsense']]])(
    '%j',
    async (args) => {
      const { exitCode, stdout, stderr } = await call(args);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Usage: fixture/);
    },
  );

  test('the version', async () => {
    expect((await call(['--version'])).stdout).toBe('fixture 1.2.3\n');
    expect((await call(['--version'], { env: { PORCELAIN: '1' } })).stdout).toMatch(/^fixture:\n Version: '1\.2\.3'\n/);
  });
});

describe('the result', () => {
  test('goes to a file in one step', async () => {
    const file = join(scratch, 'out');
    expect((await call(['run', '-q', 'text', '-o', file])).stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toBe('result\n');
    expect((await call(['run', '-q', 'error', '-o', join(scratch, 'none')])).exitCode).toBe(65);
    expect(readdirSync(scratch).sort()).toEqual(['out', 'tool.mjs']);
  });

  test('is printed where --output is an option of the command itself', async () => {
    expect((await call(['image', '--output', join(scratch, 'image')])).stdout).toBe(
      `Wrote: ${join(scratch, 'image')}\n`,
    );
    expect(existsSync(join(scratch, 'image'))).toBe(false);
  });

  test('that cannot be written is an error of the machine', async () => {
    const { ended } = start('sh', [
      '-c',
      'exec "$0" "$@" >/dev/full 2>/dev/null',
      process.execPath,
      program,
      'run',
      'text',
    ]);
    expect((await ended).code).toBe(74);
  });
});

describe('standard input', () => {
  test.each([
    ['nothing', '', 66, 'it is empty'],
    ['half a document', '{"kind":"aot.com', 65, 'it is not one whole JSON document'],
    ['another kind', '{"kind":"aot.rootfs/v1"}', 65, "it is 'aot.rootfs/v1', not 'aot.commit/v1'"],
  ])('%s', async (_, input, exitCode, reason) => {
    const result = await call(['run', '-q', 'read'], { input });
    expect([result.exitCode, result.stdout]).toEqual([exitCode, '']);
    expect(result.stderr).toContain(`from standard input: ${reason}`);
  });
});

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s lets the work clean up and ends with %d', async (signal, code) => {
    const { child, ended } = start(process.execPath, [program, 'run', '-q', 'wait'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      if (output === '') child.kill(signal);
      output += chunk;
    });
    expect((await ended).code).toBe(code);
    expect(output).toBe('ready\ncleaned\n');
  });

  test('a program that waits for its input ends too', async () => {
    const { child, ended } = start(process.execPath, [program, 'run', '-q', 'read'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    while (!catches(child.pid as number, constants.signals.SIGHUP)) await sleep(20);
    child.kill('SIGHUP');
    expect((await ended).code).toBe(129);
  });
});

/** Whether a process has a handler for a signal: proc_pid_status(5). */
const catches = (pid: number, signal: number): boolean => {
  const mask = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] as string;
  return (BigInt(`0x${mask}`) & (1n << BigInt(signal - 1))) !== 0n;
};
