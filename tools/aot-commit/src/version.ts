import { AotError } from '@apt-ostree/errors';

const DATE = /<date:([^>]*)>/;

/**
 * The next version of rpm-ostree's `automatic-version-prefix`. `13` after nothing is 13, then 13.1, 13.2; a prefix with
 * `<date:%Y%m%d>` starts each day at .0.
 * @param suffix the character between prefix and number
 * @param clock seconds since the epoch, for the date (UTC)
 */
export function nextVersion(prefix: string, suffix: string, previous: string | undefined, clock: number): string {
  const dated = DATE.test(prefix);
  const base = prefix.replace(DATE, (_, format: string) => strftime(format, clock));
  const first = dated ? `${base}${suffix}0` : base;
  if (previous === undefined) return first;
  if (previous === base) return `${base}${suffix}1`;
  if (!previous.startsWith(base + suffix)) return first;
  const number = /^\d+/.exec(previous.slice(base.length + suffix.length))?.[0];
  return number === undefined ? first : `${base}${suffix}${Number(number) + 1}`;
}

/** strftime(3) for the conversions that a version has a use for. */
function strftime(format: string, clock: number): string {
  const at = new Date(clock * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const conversions: Record<string, () => string> = {
    Y: () => String(at.getUTCFullYear()),
    y: () => two(at.getUTCFullYear() % 100),
    m: () => two(at.getUTCMonth() + 1),
    d: () => two(at.getUTCDate()),
    H: () => two(at.getUTCHours()),
    M: () => two(at.getUTCMinutes()),
    S: () => two(at.getUTCSeconds()),
    s: () => String(clock),
    F: () => `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`,
    j: () => String(Math.floor((clock * 1000 - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, '0'),
    '%': () => '%',
  };
  return format.replace(/%(.)/g, (all, c: string) => {
    const convert = conversions[c];
    if (convert === undefined)
      throw new AotError('config', `cannot use 'automatic-version-prefix': unknown conversion '${all}'`);
    return convert();
  });
}
