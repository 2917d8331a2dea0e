import { program } from '../lib/checkout.ts';
import type { Group, Workspace } from './compose-rows.ts';
import { measure } from './measure.ts';
import { commit, path, revision } from './server-commit.ts';

const SIZE = '4G';

/** A new file each time: truncating an old one would be measured too. */
const image = (w: Workspace, whose: string): string => path(w, `${whose}-${w.run++}.img`);

export const DISK_ROWS: Group = {
  rows: [
    {
      title: 'disk image of the server tree, against mke2fs -d of the tree',
      target: '1.5',
      prepare: commit,
      ours: (w) => {
        const disk = ['compose', 'disk', `--repo=${path(w, 'repo')}`, '--size', SIZE, '--output', image(w, 'ours')];
        return measure([program('apt-ostree'), ...disk, revision(w)], { log: w.log });
      },
      peer: (w) =>
        measure(['mke2fs', '-q', '-t', 'ext4', '-O', '^verity', '-d', path(w, 'tree'), image(w, 'peer'), SIZE], {
          log: w.log,
        }),
    },
  ],
};
