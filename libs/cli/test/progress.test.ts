import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Progress, type ProgressEvent } from '../src/index.ts';
import { descriptorSink, isOpenForWriting } from '../src/progress.ts';
import { humanBytes, terminalSink } from '../src/terminal.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 });
  vi.advanceTimersByTime(1000);
});
afterEach(() => vi.useRealTimers());

function recorded() {
  const events: ProgressEvent[] = [];
  return { events, progress: new Progress('aot-test', [(event) => events.push(event)]) };
}

describe('a phase', () => {
  test('begins, rises to its total, and ends there', () => {
    const { events, progress } = recorded();
    const phase = progress.phase('download', 100, 'bytes');
    for (let done = 10; done <= 100; done += 10) {
      vi.advanceTimersByTime(250);
      phase.add(10, `package-${done}`);
    }
    phase.end();
    expect(events[0]).toEqual({
      type: 'begin',
      stage: 'aot-test',
      phase: 'download',
      unit: 'bytes',
      done: 0,
      total: 100,
    });
    expect(events.map((e) => e.done)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 100]);
    expect(events.at(-1)).toMatchObject({ type: 'end', done: 100, total: 100, name: 'package-100' });
  });

  test('tells no more than five times a second, and loses nothing', () => {
    const { events, progress } = recorded();
    const phase = progress.phase('import', 1000);
    for (let i = 0; i < 1000; i++) {
      vi.advanceTimersByTime(1);
      phase.add(1);
    }
    phase.end();
    expect(events.filter((e) => e.type === 'progress').length).toBeLessThanOrEqual(5);
    expect(events.at(-1)).toMatchObject({ type: 'end', done: 1000 });
  });

  test('a total may come later; without one the end says what was done', () => {
    const { events, progress } = recorded();
    const late = progress.phase('index', null);
    late.setTotal(7);
    late.end();
    const never = progress.phase('solve', null);
    never.update(3);
    never.end();
    expect(events.filter((e) => e.type === 'end').map((e) => [e.done, e.total])).toEqual([
      [7, 7],
      [3, null],
    ]);
  });

  test('ends once', () => {
    const { events, progress } = recorded();
    const phase = progress.phase('commit', 1);
    phase.end();
    phase.end();
    expect(events.filter((e) => e.type === 'end')).toHaveLength(1);
  });
});

describe('a descriptor', () => {
  test('gets JSON lines', () => {
    const directory = mkdtempSync(join(tmpdir(), 'progress-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const fd = openSync(join(directory, 'events'), 'w');
    const phase = new Progress('aot-test', [descriptorSink(fd)]).phase('commit', 1);
    phase.end();
    closeSync(fd);
    const lines = readFileSync(join(directory, 'events'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['begin', 'end']);
  });

  test('that is closed disturbs nobody', () => {
    const fd = openSync('/dev/null', 'w');
    closeSync(fd);
    const phase = new Progress('aot-test', [descriptorSink(fd)]).phase('commit', 1);
    expect(() => phase.end()).not.toThrow();
  });
});

describe('a terminal', () => {
  const screen = (isTTY: boolean) => {
    let text = '';
    const stream = { isTTY, columns: 40, write: (part: string) => (text += part) } as unknown as NodeJS.WriteStream;
    return { sink: terminalSink(stream), text: () => text };
  };
  const draw = (isTTY: boolean) => {
    const { sink, text } = screen(isTTY);
    const phase = new Progress('aot-test', [sink]).phase('download', 2_000_000, 'bytes');
    vi.advanceTimersByTime(1000);
    phase.update(1_000_000, 'a-package-with-a-long-name');
    phase.end();
    return text();
  };

  test('shows how far it is, in one line of its width', () => {
    const lines = draw(true).split(/[\r\n]/);
    expect(lines).toContain('Downloading packages... done (2.0 MB)');
    expect(lines.some((line) => line.startsWith('Downloading packages... 1.0 MB of 2.0'))).toBe(true);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(40);
  });

  test('that is none gets a line at the end', () => {
    expect(draw(false)).toBe('Downloading packages... done (2.0 MB)\n');
  });

  test.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [15_200_000, '15.2 MB'],
    [3e15, '3000.0 TB'],
  ])('%d bytes are %s', (bytes, wanted) => {
    expect(humanBytes(bytes)).toBe(wanted);
  });
});

test('a descriptor to write to is one that came with the process, not one of its own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'progress-'));
  const [write, read] = [openSync(join(directory, 'x'), 'w'), openSync(join(directory, 'x'), 'r')];
  onTestFinished(() => {
    closeSync(read);
    rmSync(directory, { recursive: true });
  });
  expect([write, read].map(isOpenForWriting)).toEqual([true, false]);
  closeSync(write);
  expect(isOpenForWriting(write)).toBe(false);
  const own = readdirSync('/proc/self/fd').filter((fd) => targetOf(fd).startsWith('anon_inode:'));
  expect(own.length).toBeGreaterThan(0);
  expect(own.map(Number).filter(isOpenForWriting)).toEqual([]);
});

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // that of the listing itself
  }
}
