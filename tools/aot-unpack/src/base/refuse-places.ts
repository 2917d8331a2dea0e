import { AotError } from '@apt-ostree/errors';
import type { Member } from '../member.ts';

/** Directories that belong to a running machine; nothing in them could be part of a deployment. */
const PLACES = [
  'dev',
  'home',
  'proc',
  'run',
  'sys',
  'sysroot',
  'tmp',
  'var/run',
  'var/home',
  'var/tmp',
  'ostree',
  'boot/loader',
];

/** @throws AotError `data` naming each package that ships something in a place that no deployment has */
export function refusePlaces(members: readonly Member[]): void {
  const found = members.flatMap(({ item, record }) => {
    const entry = record.entries.find((e) => PLACES.some((place) => e.path.startsWith(`${place}/`)));
    return entry === undefined ? [] : [`'${item.name}' ships '/${entry.path}'`];
  });
  if (found.length === 0) return;
  throw new AotError('data', `cannot layer packages: ${found.join('; ')}`, {
    code: 'unsupported-path',
    hint: 'such places belong to the running machine; a package can create what it needs there with tmpfiles.d(5)',
  });
}
