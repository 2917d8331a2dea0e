import { AotError } from '@apt-ostree/errors';

/** The end of the year 9999: what is later has no date for libostree. */
const LAST = 253_402_300_799;

/**
 * SOURCE_DATE_EPOCH, in seconds: the clock that the caller wants. See the specification of that name of
 * reproducible-builds.org, which demands an error for what is no number.
 * @returns undefined where it is not set, or empty
 * @throws AotError `usage`
 */
export function givenEpoch(): number | undefined {
  const given = process.env['SOURCE_DATE_EPOCH'] ?? '';
  if (given === '') return undefined;
  if (/^\d{1,12}$/.test(given) && Number(given) <= LAST) return Number(given);
  throw new AotError('usage', `environment variable 'SOURCE_DATE_EPOCH' cannot be '${given}'`, {
    hint: `it is a number of seconds since 1970, at most ${LAST}`,
  });
}
