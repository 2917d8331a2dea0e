import { AotError } from '@apt-ostree/errors';

const SECONDS = { h: 3600, d: 86_400, w: 7 * 86_400 } as const;

/**
 * The time that `--older-than` means.
 * @param now seconds since the epoch
 * @returns seconds since the epoch; never less than 0, which ostree would not take for a date
 */
export function parseAge(text: string, now: number): number {
  const [, amount, unit] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  if (unit !== undefined) return Math.max(0, now - Number(amount) * SECONDS[unit as keyof typeof SECONDS]);
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse moves the 31st of a short month into the next one.
  if (!Number.isNaN(date) && new Date(date).toISOString().startsWith(text)) return Math.max(0, date / 1000);
  throw new AotError('usage', `cannot use '${text}' for --older-than`, {
    hint: 'it takes hours, days or weeks as 12h, 90d, 4w, or a date as 2026-01-31',
  });
}
