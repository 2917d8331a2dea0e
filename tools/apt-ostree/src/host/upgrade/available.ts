import type { PackageDifference } from '@apt-ostree/host';
import type { CommitInfo } from '@apt-ostree/ostree';
import { type Advisory, advisoryCount, advisoryLines } from '../advisory.ts';
import { countText, sections } from '../package-text.ts';
import { utc } from '../utc.ts';

/** As wide as rpm-ostree's longest key. */
const WIDTH = 'SecAdvisories'.length;

/** What an upgrade would bring: a newer base, if there is one, and other packages. */
export interface Available {
  commit: CommitInfo | undefined;
  difference: PackageDifference | undefined;
  advisories: readonly Advisory[];
}

/** What rpm-ostree prints of an upgrade that is there; `whole` lists the packages instead of counting them. */
export const available = ({ commit, difference, advisories }: Available, whole: boolean): string =>
  [
    'AvailableUpdate:',
    ...(commit === undefined ? [] : commitRows(commit)),
    ...advisoryRows(advisories, whole),
    ...(difference === undefined ? [] : differenceRows(difference, whole)),
    '',
  ].join('\n');

function commitRows({ checksum, version, timestamp }: CommitInfo): string[] {
  const time = utc(timestamp);
  return [
    version === undefined ? row('Timestamp', time) : row('Version', `${version} (${time})`),
    row('Commit', checksum),
  ];
}

function advisoryRows(advisories: readonly Advisory[], whole: boolean): string[] {
  const count = advisoryCount(advisories);
  if (count === undefined) return [];
  return whole ? rows('SecAdvisories', advisoryLines(advisories)) : [row('SecAdvisories', count)];
}

function differenceRows(difference: PackageDifference, whole: boolean): string[] {
  const counts = countText(difference);
  if (whole) return sections(difference).flatMap(({ title, lines }) => rows(title, lines));
  return counts === undefined ? [] : [row('Diff', counts)];
}

const row = (key: string, value: string): string => `  ${key.padStart(WIDTH)}: ${value}`;

/** The key stands before the first only. */
const rows = (key: string, values: string[]): string[] =>
  values.map((value, at) => (at === 0 ? row(key, value) : `${' '.repeat(WIDTH + 4)}${value}`));
