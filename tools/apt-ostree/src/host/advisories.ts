import { flag } from '../later.ts';

/** Which upgrades come from the security archive: known with the updates that a daemon fetches, so not in this version. */
export const ADVISORIES = { advisories: flag('also list the security advisories', { alias: 'a' }) };
