import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const INTERVAL = 100;

/**
 * Watches a process and all its descendants. The kernel keeps each one's high-water mark, so a slow look misses only
 * processes that live shorter than it.
 */
export function watchMemory(root: number): { peaks: Map<string, number>; stop(): void } {
  const peaks = new Map<string, number>();
  const look = () => {
    for (const pid of descendants(root)) note(pid, peaks);
  };
  const timer = setInterval(look, INTERVAL);
  return { peaks, stop: () => clearInterval(timer) };
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status(name))?.[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function note(pid: number, peaks: Map<string, number>): void {
  const peak = Number(/^VmHWM:\s*(\d+) kB/m.exec(status(String(pid)))?.[1] ?? 0) / 1024;
  const name = program(pid);
  if (name !== undefined && peak > (peaks.get(name) ?? 0)) peaks.set(name, peak);
}

/** Our tools by their own name, everything else by its program's. */
function program(pid: number): string | undefined {
  try {
    const [first = '', second = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const tool = /\/(aot-[a-z]+|apt-ostreed?)\/(?:bin|dist)\//.exec(second)?.[1];
    return tool ?? basename(first);
  } catch {
    return undefined;
  }
}

function status(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
