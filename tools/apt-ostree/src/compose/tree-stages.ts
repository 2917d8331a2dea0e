import type { Stage } from '@apt-ostree/pipeline';
import type { Session } from './session.ts';
import { fetchArguments, unpackArguments } from './stage-arguments.ts';

interface TreeOptions {
  rootfs: string;
  offline: boolean;
  /** Do not take a configured tree from the cache. */
  uncached?: boolean;
}

/**
 * aot-fetch and aot-unpack. When both are ours and nothing stands between them, archives are imported while others are
 * still downloaded.
 */
export function treeStages(session: Session, options: TreeOptions): Stage[] {
  const { chosen } = session;
  const stream = chosen.program('fetch').own && chosen.program('unpack').own && chosen.after('fetch').length === 0;
  return [
    ...chosen.stages('fetch', fetchArguments(session, options.offline, stream)),
    ...chosen.stages('unpack', unpackArguments(session, options.rootfs, options.uncached ?? false)),
  ];
}
