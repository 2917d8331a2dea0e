import { readFileSync } from 'node:fs';
import { AotError, explain } from '@apt-ostree/errors';

/** Numbers by name. */
export interface KnownAccounts {
  users: Record<string, number>;
  groups: Record<string, number>;
}

/** Reads which numbers users and groups have on a machine: `{"users": {NAME: UID}, "groups": {NAME: GID}}`. */
export function readKnown(file: string): KnownAccounts {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw explain(error, `cannot read '${file}'`);
  }
  try {
    const { users, groups } = JSON.parse(text) as KnownAccounts;
    if (isTable(users) && isTable(groups)) return { users, groups };
  } catch {}
  throw new AotError('data', `cannot use '${file}': it is no table of users and groups`);
}

const isTable = (value: unknown): value is Record<string, number> =>
  typeof value === 'object' && value !== null && Object.values(value).every((n) => Number.isSafeInteger(n) && n >= 0);
