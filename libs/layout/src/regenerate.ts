import type { Tree } from '@apt-ostree/ostree';
import table from './data/regenerate.json' with { type: 'json' };
import type { InTree } from './in-tree.ts';
import { matches } from './match.ts';

interface Row {
  name: string;
  paths: readonly string[];
  /** A directory in which links to the removed files go too. */
  linksIn?: string;
  /** The row holds where this program is. */
  program: string;
  /** And this file. */
  needs?: string;
  condition: string;
  command: string;
  before: readonly string[];
  wantedBy: string;
  /** No unit unless something was removed. */
  whenRemoved?: boolean;
  reason: string;
}

const UNITS = 'usr/lib/systemd/system';

/**
 * Leaves out what scripts made from chance or clock, and gives the tree a unit for each that makes it at the first boot with
 * the package's own command.
 */
export function regenerate({ tree }: InTree): void {
  for (const row of table as readonly Row[]) {
    const paths = row.paths.flatMap((pattern) => matches(tree, pattern));
    for (const path of paths) tree.remove(path);
    if (row.linksIn !== undefined) removeLinks(tree, row.linksIn, paths);
    const here = tree.exists(row.program) && (row.needs === undefined || tree.exists(row.needs));
    if (here && (paths.length > 0 || row.whenRemoved !== true) && tree.isDirectory(UNITS)) addUnit(tree, row);
  }
}

function removeLinks(tree: Tree, directory: string, removed: readonly string[]): void {
  const gone = new Set(removed.flatMap((path) => [`/${path}`, path.slice(path.lastIndexOf('/') + 1)]));
  for (const name of tree.list(directory)) {
    const path = `${directory}/${name}`;
    if (tree.isLink(path) && gone.has(tree.readLink(path))) tree.remove(path);
  }
}

function addUnit(tree: Tree, row: Row): void {
  const unit = `aot-regenerate-${row.name}.service`;
  tree.write(`${UNITS}/${unit}`, unitText(row));
  tree.symlink(`../${unit}`, `${UNITS}/${row.wantedBy}.wants/${unit}`);
}

const unitText = (row: Row): string => `[Unit]
Description=Make what the system image leaves out: ${row.name}
${row.condition}
After=systemd-tmpfiles-setup.service
${row.before.length > 0 ? `Before=${row.before.join(' ')}\n` : ''}
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${row.command}
`;
