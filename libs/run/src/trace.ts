import { appendFileSync } from 'node:fs';
import { basename } from 'node:path';

const file = process.env['AOT_TRACE'];
const debug = process.env['AOT_DEBUG'] === '1';

/** True when spans are wanted. */
export const tracing = file !== undefined || debug;

/** Now, in microseconds since the epoch: all stages of a pipeline write on one time line. */
const microseconds = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

/**
 * Runs `work` as a span. With AOT_TRACE=FILE the span is appended to FILE in the Chrome trace format (an array that need
 * not be closed, so several processes can append); with AOT_DEBUG=1 commands are printed with their time.
 * @param category `command` for a process, `phase` for a step of ours
 */
export async function span<T>(category: 'command' | 'phase', name: string, work: () => Promise<T>): Promise<T> {
  if (!tracing) return work();
  const begin = microseconds();
  try {
    return await work();
  } finally {
    const duration = microseconds() - begin;
    if (file !== undefined) append(file, category, name, begin, duration);
    if (debug && category === 'command') process.stderr.write(`[${(duration / 1000).toFixed(0)} ms] ${name}\n`);
  }
}

function append(target: string, cat: string, name: string, ts: number, dur: number): void {
  const stage = basename(process.argv[1] ?? 'node').replace(/\.js$/, '');
  const event = { name: name.slice(0, 200), cat, ph: 'X', ts, dur, pid: process.pid, tid: 0, args: { stage } };
  appendFileSync(target, `${JSON.stringify(event)},\n`);
}
