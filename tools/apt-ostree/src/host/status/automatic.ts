import type { Policy } from '@apt-ostree/host';
import type { Unit } from './units.ts';

export const TIMER = 'apt-ostreed-automatic.timer';
export const AUTOMATIC = 'apt-ostreed-automatic.service';

/**
 * What is done by itself, and when that was last.
 * @param now in microseconds of CLOCK_MONOTONIC
 * @returns undefined where nothing is, unless that is asked for
 */
export function automaticRow(
  policy: Policy,
  units: ReadonlyMap<string, Unit>,
  now: number,
  verbose: boolean,
): string | undefined {
  if (policy === 'none') return verbose ? 'AutomaticUpdates: disabled' : undefined;
  return `AutomaticUpdates: ${policy}; ${TIMER}: ${lastRun(units.get(TIMER), units.get(AUTOMATIC), now)}`;
}

function lastRun(timer: Unit | undefined, service: Unit | undefined, now: number): string {
  if (timer?.load !== 'loaded' || service === undefined) return 'unknown state';
  if (timer.active !== 'active') return 'inactive';
  if (service.active === 'failed') return 'last run failed';
  if (service.active !== 'inactive') return 'running';
  return service.ended === 0 ? 'no runs since boot' : `last run ${spanText(now - service.ended)} ago`;
}

const UNITS: [size: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A span of microseconds in its two largest units, as in `4h 32min`. */
export function spanText(microseconds: number): string {
  let left = Math.max(0, Math.floor(microseconds / 1_000_000));
  const parts = UNITS.map(([size, name]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return { count, text: `${count}${name}` };
  });
  const first = parts.findIndex((p) => p.count > 0);
  if (first < 0) return '0s';
  return parts
    .slice(first, first + 2)
    .flatMap((p) => (p.count > 0 ? [p.text] : []))
    .join(' ');
}
