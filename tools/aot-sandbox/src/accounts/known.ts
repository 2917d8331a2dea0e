import { AotError } from '@apt-ostree/errors';
import { readText } from '@apt-ostree/run';

/** Numbers by name. */
export interface KnownAccounts {
  users: Record<string, number>;
  groups: Record<string, number>;
}

/** Reads which numbers users and groups have on a machine: `{"users": {NAME: UID}, "groups": {NAME: GID}}`. */
export function readKnown(file: string): KnownAccounts {
  const text = readText(file);
  try {
    const { users, groups } = JSON.parse(text) as KnownAccounts;
    if (isTable(users) && isTable(groups)) return { users, groups };
  } catch {}
  throw new AotError('data', `cannot use '${file}': it is no table of users and groups`);
}

const isTable = (value: unknown): value is Record<string, number> =>
  typeof value === 'object' && value !== null && Object.values(value).every((n) => Number.isSafeInteger(n) && n >= 0);
