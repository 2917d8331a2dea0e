import { join } from 'node:path';
import { removeTree, sweep, temporaryDirectory } from '@apt-ostree/run';
import { type Session, workParent } from './session.ts';

export interface WorkArgs {
  workdir?: string | undefined;
  'keep-workdir': boolean;
}

/** Runs `work` with the path of a tree that is to be made, and removes it afterwards; first what killed runs left. */
export async function withWorkingTree<T>(
  session: Session,
  args: WorkArgs,
  work: (rootfs: string) => Promise<T>,
): Promise<T> {
  const parent = workParent(session.cachedir, args.workdir);
  await sweep(parent);
  const directory = await temporaryDirectory(parent);
  try {
    return await work(join(directory.path, 'rootfs'));
  } finally {
    if (args['keep-workdir']) session.context.note(`Working directory: ${directory.path}`);
    else await removeTree(directory.path).finally(() => directory.remove());
  }
}
