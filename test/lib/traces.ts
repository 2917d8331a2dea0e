import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Passed to a program under test, it is in the environment of all that the program starts. */
export const markedBy = (directory: string) => ({ ...process.env, AOT_TEST_MARK: directory });

/**
 * Processes that have to do with a directory: by command line, by environment, or by a mount in their namespace. Waits a
 * while for the last of them to end, since the kernel ends a namespace in its own time.
 * @param grace milliseconds
 */
export async function processesAround(directory: string, grace: number): Promise<string[]> {
  for (const end = performance.now() + grace; ; await sleep(50)) {
    const left = readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? around(pid, directory) : []));
    if (left.length === 0 || performance.now() > end) return left;
  }
}

function around(pid: string, directory: string): string[] {
  if (Number(pid) === process.pid) return [];
  const found = ['cmdline', 'environ', 'mountinfo'].some((file) => read(`/proc/${pid}/${file}`).includes(directory));
  return found ? [`${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`] : [];
}

/** Mounts of this machine that name a directory. */
export const mountsAround = (directory: string): string[] =>
  read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(directory));

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended, or it ends just now
  }
}

/** Everything below a directory whose name says that it was to be there for a moment only. */
export function leftovers(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)(aot-tmp\.[^/]*|[^/]*\.tmp|[^/]*\.aot-new|[^/]*\.part|aot-\d+-[^/]*|\.[^/]*\.half-applied)$/.test(path),
  );
}
