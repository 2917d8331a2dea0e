import { flag } from '../later.ts';

/** Which upgrades come from the security archive: `status` tells it of the update that was found last. */
export const ADVISORIES = { advisories: flag('also list the security advisories', { alias: 'a' }) };
