/** Milliseconds that a Retry-After field asks to wait: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Z][a-z]+,? /.test(value) ? Date.parse(value) : Number.NaN; // Date.parse takes nearly anything
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
