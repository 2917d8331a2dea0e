import type { ScriptRun } from '@apt-ostree/manifest';
import type { Job } from './configure.ts';

/** thin: nothing yet */
export async function finishTree(_job: Job, scripts: ScriptRun[], _key: string | undefined): Promise<ScriptRun[]> {
  return scripts;
}
