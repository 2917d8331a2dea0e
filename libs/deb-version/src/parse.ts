import { VersionError } from './error.ts';

export interface Version {
  epoch: number;
  upstream: string;
  /** Empty where the version has none; that compares like `0`. */
  revision: string;
}

/** What dpkg keeps epochs in. */
const INT_MAX = 2 ** 31 - 1;

/**
 * Takes a version apart: `[epoch:]upstream[-revision]`, by Debian policy section 5.6.12 and as strictly as
 * `dpkg --validate-version`.
 * @throws VersionError saying what is wrong
 */
export function parseVersion(text: string): Version {
  const { epoch, rest } = splitEpoch(text);
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? '' : rest.slice(hyphen + 1);
  if (hyphen >= 0 && revision === '') throw wrong(text, 'its revision is empty');
  if (!/^[0-9]/.test(upstream)) throw wrong(text, 'its upstream version does not begin with a digit');
  if (!/^[A-Za-z0-9.+~:-]*$/.test(upstream)) throw wrong(text, 'its upstream version has an invalid character');
  if (!/^[A-Za-z0-9.+~]*$/.test(revision)) throw wrong(text, 'its revision has an invalid character');
  return { epoch, upstream, revision };
}

/** True for what dpkg takes as a version. */
export function isValidVersion(text: string): boolean {
  try {
    parseVersion(text);
    return true;
  } catch {
    return false;
  }
}

/** The text of a version, with an epoch only where it is not 0. */
export const formatVersion = ({ epoch, upstream, revision }: Version): string =>
  `${epoch === 0 ? '' : `${epoch}:`}${upstream}${revision === '' ? '' : `-${revision}`}`;

function splitEpoch(text: string): { epoch: number; rest: string } {
  const colon = text.indexOf(':');
  if (colon < 0) return { epoch: 0, rest: text };
  const digits = text.slice(0, colon);
  const epoch = Number(digits);
  if (!/^[0-9]+$/.test(digits) || epoch > INT_MAX) throw wrong(text, 'its epoch is not a number');
  return { epoch, rest: text.slice(colon + 1) };
}

const wrong = (text: string, why: string): VersionError => new VersionError(`invalid version '${text}': ${why}`);
