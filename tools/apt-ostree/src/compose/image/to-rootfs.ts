import { existsSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { resolveRevision } from '@apt-ostree/ostree';
import { checkOut } from './check-out.ts';
import type { ToRootfsArgs } from './to-rootfs.command.ts';

/** `experimental compose commit-to-container-rootfs`: a commit's tree with its configuration in /etc. */
export async function toRootfs({ repo, commit, destination }: ToRootfsArgs): Promise<string> {
  if (repo === undefined) throw new AotError('usage', 'option --repo must be specified');
  if (existsSync(destination))
    throw new AotError('cannotCreate', `cannot create '${destination}': it is there already`);
  await checkOut(repo, resolveRevision(repo, commit), destination);
  return `Wrote: ${destination}\n`;
}
