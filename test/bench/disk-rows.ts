import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { program, TOP } from '../lib/checkout.ts';
import type { Row, Workspace } from './compose-rows.ts';
import { measure } from './measure.ts';

const TREEFILE = join(TOP, 'docs/examples/server.yaml');
const SIZE = '4G';

const path = (w: Workspace, name: string): string => join(w.directory, 'disk', name);

/** The server as a commit, and checked out for the peer; both stay for all runs. */
async function commit(w: Workspace): Promise<void> {
  if (existsSync(path(w, 'tree'))) return;
  mkdirSync(path(w, ''), { recursive: true });
  const tree = ['compose', 'tree', `--repo=${path(w, 'repo')}`, `--cachedir=${path(w, 'cache')}`];
  await run(program('apt-ostree'), [...tree, '--write-commitid-to', path(w, 'commit'), TREEFILE]);
  await run('ostree', ['checkout', `--repo=${path(w, 'repo')}`, revision(w), path(w, 'tree')]);
}

const revision = (w: Workspace): string => readFileSync(path(w, 'commit'), 'utf8').trim();

/** A new file each time: truncating an old one would be measured too. */
const image = (w: Workspace, whose: string): string => path(w, `${whose}-${w.run++}.img`);

export const DISK_ROWS: Row[] = [
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
];
