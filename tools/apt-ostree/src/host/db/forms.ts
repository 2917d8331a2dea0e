import type { PackageChange, PackageDifference } from '@apt-ostree/host';
import type { CommittedPackage } from '@apt-ostree/ostree';
import { fullName, sections } from '../package-text.ts';

type Difference = PackageDifference<CommittedPackage>;
/** The entries of a package's changelog between two versions. */
export type Changelog = (change: PackageChange<CommittedPackage>) => string[];

/** Sections with a package on each line; below an upgraded one the new entries of its changelog. */
export function blockForm(difference: Difference, changelog: Changelog | undefined): string {
  const lines = sections(difference).flatMap(({ title, lines }) => [
    `${title}:`,
    ...lines.flatMap((line, i) => [
      `  ${line}`,
      ...(title === 'Upgraded' && changelog
        ? changelog(difference.upgraded[i] as PackageChange<CommittedPackage>)
        : []),
    ]),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

/** One list by name: `!` the old and `=` the new package, `-` gone, `+` new. */
export function diffForm({ upgraded, downgraded, removed, added }: Difference): string {
  const rows = [
    ...[...upgraded, ...downgraded].map(({ name, from, to }) => [name, `!${fullName(from)}\n=${fullName(to)}\n`]),
    ...removed.map((p) => [p.name, `-${fullName(p)}\n`]),
    ...added.map((p) => [p.name, `+${fullName(p)}\n`]),
  ] as [string, string][];
  return rows
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join('');
}
