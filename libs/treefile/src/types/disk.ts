import { fileBeside } from '../files-beside.ts';
import type { Place } from '../place.ts';
import { members } from './debian.ts';
import { boolean, string, strings } from './plain.ts';

const file = (value: unknown, place: Place): string => fileBeside(string(value, place), place);

/** Their types only: what a host name or a size is, is judged where options say the same. */
const MEMBERS = {
  size: string,
  hostname: string,
  user: string,
  'password-hash-file': file,
  'ssh-key': file,
  kargs: strings,
  'separate-boot': boolean,
  stateroot: string,
  refspec: string,
} as const;

/** What `compose disk` makes of a commit; paths of files are absolute. */
export type DiskSettings = { [Name in keyof typeof MEMBERS]?: ReturnType<(typeof MEMBERS)[Name]> };

export function disk(value: unknown, place: Place): DiskSettings {
  const given = Object.entries(members(value, place, Object.keys(MEMBERS)));
  return Object.fromEntries(given.map(([name, v]) => [name, MEMBERS[name as keyof DiskSettings](v, place.at(name))]));
}
