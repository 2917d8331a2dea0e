import { readFileSync } from 'node:fs';

export const isUnit = (name: unknown): name is string =>
  typeof name === 'string' && /^[\w:.\\@-]+\.(service|scope)$/.test(name);

/**
 * The unit of systemd that a process runs in: the last part of its control group that names one (systemd.unit(5)).
 * @param process its number, or `self`
 */
export function unitOf(process: number | 'self'): string | undefined {
  try {
    const path = readFileSync(`/proc/${process}/cgroup`, 'utf8').split('\n')[0] ?? '';
    return path.split('/').findLast(isUnit);
  } catch {
    return undefined; // it has ended
  }
}
