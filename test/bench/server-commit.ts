import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { program, TOP } from '../lib/checkout.ts';
import type { Workspace } from './compose-rows.ts';

const TREEFILE = join(TOP, 'docs/examples/server.yaml');

/** A path beside the commit. */
export const path = (w: Workspace, name: string): string => join(w.directory, 'server', name);

/** The server as a commit, in `repo`, and checked out for peers, in `tree`; both stay for all runs. */
export async function commit(w: Workspace): Promise<void> {
  if (existsSync(path(w, 'tree'))) return;
  mkdirSync(path(w, ''), { recursive: true });
  const tree = ['compose', 'tree', `--repo=${path(w, 'repo')}`, `--cachedir=${path(w, 'cache')}`];
  await run(program('apt-ostree'), [...tree, '--write-commitid-to', path(w, 'commit'), TREEFILE]);
  await run('ostree', ['checkout', `--repo=${path(w, 'repo')}`, revision(w), path(w, 'tree')]);
}

export const revision = (w: Workspace): string => readFileSync(path(w, 'commit'), 'utf8').trim();
