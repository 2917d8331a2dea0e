import { rmSync } from 'node:fs';
import type { Resolved } from './resolve.ts';
import type { Session } from './session.ts';
import { fetchArguments } from './stage-arguments.ts';
import { treeStages } from './tree-stages.ts';
import { type WorkArgs, withWorkingTree } from './working-tree.ts';

interface DownloadArgs extends WorkArgs {
  'cache-only': boolean;
  'download-only': boolean;
}

/** `--download-only` also imports, which unpacking a tree nobody keeps does; `--download-only-debs` leaves it at the files. */
export async function download(session: Session, args: DownloadArgs, resolved: Resolved): Promise<string> {
  const offline = args['cache-only'];
  if (!args['download-only']) {
    await session.pipe(session.chosen.stages('fetch', fetchArguments(session, offline, false)), {
      input: resolved.text,
    });
  } else {
    await withWorkingTree(session, args, async (rootfs) => {
      await session.pipe(treeStages(session, { rootfs, offline }), { input: resolved.text });
      rmSync(rootfs, { recursive: true, force: true });
    });
  }
  return '--download-only complete; exiting\n';
}
