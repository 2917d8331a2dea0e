import type { PackageDifference } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { differenceTo } from '../change/report.ts';
import type { Target } from '../change/target.ts';
import { countText, sections } from '../package-text.ts';
import { type Advisory, advisoryCount, advisoryLines } from '../security.ts';
import { utc } from '../utc.ts';

/** As wide as rpm-ostree's longest key. */
const WIDTH = 'SecAdvisories'.length;

/** What rpm-ostree prints of an upgrade that is there; `whole` lists the packages instead of counting them. */
export function available(target: Target, commit: string, whole: boolean, advisories: readonly Advisory[]): string {
  const { version, timestamp } = readCommit(target.sysroot.repo, commit);
  const time = utc(timestamp);
  const difference = differenceTo(target, commit);
  return [
    'AvailableUpdate:',
    version === undefined ? row('Timestamp', time) : row('Version', `${version} (${time})`),
    row('Commit', commit),
    ...advisoryRows(advisories, whole),
    ...(difference === undefined ? [] : differenceRows(difference, whole)),
    '',
  ].join('\n');
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
