import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { watchMemory } from './memory.ts';

export interface Sample {
  seconds: number;
  /** Peak resident memory in MiB by program, the largest process of each. */
  memory: Map<string, number>;
}

/** Runs a command to its end and says how long it took and how large its processes grew. */
export async function measure(
  command: readonly string[],
  options: { env?: NodeJS.ProcessEnv; log: string; input?: string },
): Promise<Sample> {
  const log = openSync(options.log, 'a');
  const begin = performance.now();
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: [options.input === undefined ? 'ignore' : 'pipe', log, log],
    env: { ...process.env, ...options.env },
  });
  if (options.input !== undefined) child.stdin?.end(options.input);
  const memory = watchMemory(child.pid as number);
  const code = await ended(child);
  const seconds = (performance.now() - begin) / 1000;
  memory.stop();
  if (code !== 0) throw new Error(`'${command.join(' ')}' ended with ${code}; see ${options.log}`);
  return { seconds, memory: memory.peaks };
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
