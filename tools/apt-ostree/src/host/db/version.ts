import { createHash } from 'node:crypto';
import { fullName } from '../package-text.ts';
import type { VersionArgs } from './command.ts';
import { label, type Named, named, openSource } from './source.ts';

/** `db version`: a digest of the packages of each revision. */
export async function version(args: VersionArgs): Promise<string> {
  const source = await openSource(args);
  return args.commit.map((revision) => block(named(source, revision))).join('');
}

/** Columns for a number of five digits and the digest. */
const WIDTH = 70;

const block = (commit: Named): string =>
  `ostree commit: ${label(commit)}\n  dpkgdbv is: ${digest(commit).padStart(WIDTH)}\n`;

function digest({ packages }: Named): string {
  const lines = packages.map((p) => `${fullName(p)}\n`).sort();
  return `${packages.length}:${createHash('sha256').update(lines.join('')).digest('hex')}`;
}
