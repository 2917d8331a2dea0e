import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What calls the hook, and the hook. */
const SOURCES = /^debian\/(apt|dpkg)\//;

/**
 * What the Debian package installs of debian/apt and debian/dpkg, as data: `cliwrap: true` puts the same into a tree, and a
 * bundle finds no files beside it.
 * @param top the top of the checkout
 */
export function shim(top: string): string {
  const rows = readFileSync(join(top, 'debian/apt-ostree.install'), 'utf8').split('\n');
  const installed = rows.filter((row) => SOURCES.test(row)).map((row) => row.split(' ') as [string, string]);
  const files = installed.map(([source, directory]) => ({
    path: `${directory}/${basename(source)}`,
    executable: (statSync(join(top, source)).mode & 0o100) !== 0,
    text: readFileSync(join(top, source), 'utf8'),
  }));
  return `${JSON.stringify(files, null, 2)}\n`;
}
