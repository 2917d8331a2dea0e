import { readlinkSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { start } from '../src/index.ts';
import { bundle } from './bundle.ts';

const program = await bundle('insider');

function insider(args: string[], env: Record<string, string> = {}) {
  const started = start(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void started.child.kill('SIGKILL'));
  return { ...started, output: started.child.stdout as Readable };
}

describe('a program that enters a namespace', () => {
  test('goes on in mounts of its own, and its code is the code of the whole', async () => {
    const { ended, output } = insider(['7']);
    const report = JSON.parse(await text(output));
    expect(report.inside).toBe(true);
    expect(report.mounts).not.toBe(readlinkSync('/proc/self/ns/mnt'));
    expect((await ended).code).toBe(7);
  });

  test('stays where it is when a stage before has entered', async () => {
    const { output } = insider(['0'], { AOT_NAMESPACE: '1' });
    expect(JSON.parse(await text(output)).mounts).toBe(readlinkSync('/proc/self/ns/mnt'));
  });

  test.each([[['--progress-fd', '4']], [['--progress-fd=4', '--progress-fd']]])(
    'keeps the descriptor of %j',
    async (args) => {
      const { child } = insider(['0', ...args]);
      expect(await text(child.stdio[4] as Readable)).toBe('event\n');
    },
  );

  test('gets the signals that are sent to it', async () => {
    const { child, ended, output } = insider(['0', 'wait']);
    output.once('data', () => child.kill('SIGTERM'));
    expect((await ended).code).toBe(42);
  });

  test('does not outlive the one that was killed', async () => {
    const { child, ended, output } = insider(['0', 'wait']);
    output.once('data', () => child.kill('SIGKILL'));
    await ended; // its output is closed by the last process that held it
    expect(child.signalCode).toBe('SIGKILL');
  });
});
