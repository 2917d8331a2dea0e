/** A time in UTC with seconds, as in 2026-01-31T08:00:00Z. */
export const utc = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
