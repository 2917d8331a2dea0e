import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';

/** Makes a tar archive of a commit's tree as a container has it, with GNU tar: /usr/etc is /etc there. */
export async function rootArchive(repo: string, commit: string, file: string): Promise<void> {
  const root = `${file}.root`;
  await run('ostree', ['checkout', `--repo=${repo}`, '--require-hardlinks', commit, root]);
  renameSync(join(root, 'usr/etc'), join(root, 'etc'));
  const form = ['--format=pax', '--numeric-owner', '--xattrs', '--xattrs-include=*', '--sort=name'];
  await run('tar', ['--create', `--file=${file}`, ...form, `--directory=${root}`, '.']);
  rmSync(root, { recursive: true });
}
