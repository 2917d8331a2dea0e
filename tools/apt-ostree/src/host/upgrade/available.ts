import type { PackageDifference } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { changed, countDifference, named } from '../change/difference.ts';
import { differenceTo } from '../change/report.ts';
import type { Target } from '../change/target.ts';

/** As wide as rpm-ostree's longest key. */
const WIDTH = 'SecAdvisories'.length;

/** What rpm-ostree prints of an upgrade that is there; `whole` lists the packages instead of counting them. */
export function available(target: Target, commit: string, whole: boolean): string {
  const { version, timestamp } = readCommit(target.sysroot.repo, commit);
  const time = new Date(timestamp * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const difference = differenceTo(target, commit);
  return [
    'AvailableUpdate:',
    version === undefined ? row('Timestamp', time) : row('Version', `${version} (${time})`),
    row('Commit', commit),
    ...(difference === undefined ? [] : differenceRows(difference, whole)),
    '',
  ].join('\n');
}

function differenceRows(difference: PackageDifference, whole: boolean): string[] {
  if (!whole) {
    const counts = countDifference(difference);
    return counts === '' ? [] : [row('Diff', counts)];
  }
  return [
    ...rows('Upgraded', difference.upgraded.map(changed)),
    ...rows('Downgraded', difference.downgraded.map(changed)),
    ...rows('Removed', difference.removed.map(named)),
    ...rows('Added', difference.added.map(named)),
  ];
}

const row = (key: string, value: string): string => `  ${key.padStart(WIDTH)}: ${value}`;

/** The key stands before the first only. */
const rows = (key: string, values: string[]): string[] =>
  values.map((value, at) => (at === 0 ? row(key, value) : `${' '.repeat(WIDTH + 4)}${value}`));
