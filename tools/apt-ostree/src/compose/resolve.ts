import { type PackagesManifest, parseManifest } from '@apt-ostree/manifest';
import type { Session } from './session.ts';
import { type ResolveArgs, resolveArguments } from './stage-arguments.ts';

export interface Resolved {
  /** As the stage wrote it: the lockfile. */
  text: string;
  manifest: PackagesManifest;
}

/**
 * Runs aot-resolve, or what stands in its place, and the filters behind it.
 * @param solving called when packages are being chosen, so that something new will come of it
 */
export async function resolve(session: Session, args: ResolveArgs, solving = () => {}): Promise<Resolved> {
  const text = await session.pipe(session.chosen.stages('resolve', resolveArguments(session, args)), {
    progress: ({ type, phase }) => {
      if (type === 'begin' && phase === 'solve') solving();
    },
  });
  return { text, manifest: parseManifest(text, ['aot.packages/v1'], "stage 'resolve'") };
}
