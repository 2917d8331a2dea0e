import table from './data/masked.json' with { type: 'json' };
import type { InTree } from './in-tree.ts';

/** Directories of units of the system, as systemd.unit(5) has them. */
const UNITS = ['usr/lib/systemd/system', 'etc/systemd/system'];

/**
 * Takes out of use the units that cannot do their work on a deployed system. The wants links go, so that an administrator
 * can still enable one; nothing in /etc masks it for ever.
 */
export function maskUnits({ tree }: InTree): void {
  for (const directory of UNITS) {
    for (const name of tree.list(directory)) {
      if (!/\.(wants|requires)$/.test(name)) continue;
      for (const { unit } of table) tree.remove(`${directory}/${name}/${unit}`);
    }
  }
}
