import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names this process in the names of files that it may leave behind: its PID namespace, its number and the time it
 * started (proc_pid_stat(5), field 22), since the kernel gives a number to another process sooner or later.
 */
export const processMark = `${namespace()}-${process.pid}-${startTime('self')}`;

/** Whether the process that a name's mark names has ended. One of another PID namespace cannot be judged from here. */
export function hasEnded(name: string): boolean {
  const [, of, pid, started] = /(\d+)-(\d+)-(\d+)/.exec(name) ?? [];
  return of === namespace() && startTime(pid as string) !== started;
}

function namespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] as string;
}

/** In clock ticks since the machine's start; undefined where there is no such process. */
function startTime(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // the command before it may hold spaces
  } catch {
    return undefined;
  }
}
