import { writeFileSync } from 'node:fs';
import { type Overlay, openOverlay, ScriptSandbox } from '@apt-ostree/bwrap';
import type { PhaseName } from '@apt-ostree/cli';
import { type ScriptRun, sourceDateEpoch } from '@apt-ostree/manifest';
import type { Job } from './configure.ts';

export interface Within {
  phase: PhaseName;
  /** How many scripts are expected. */
  total: number;
  /** Awaited before the tree is changed. */
  before?: Promise<unknown>;
}

/**
 * Runs `work` in a sandbox over the job's tree, and applies what it changed if it came to its end.
 * @returns the record of the scripts that ran
 */
export async function inSandbox(
  job: Job,
  within: Within,
  work: (sandbox: ScriptSandbox) => Promise<void>,
): Promise<ScriptRun[]> {
  const phase = job.context.progress.phase(within.phase, within.total);
  const overlay = await openOverlay(job.rootfs);
  let sandbox: ScriptSandbox | undefined;
  try {
    const onScript = (name: string, script: string) => phase.add(1, `${name} ${script}`);
    const options = {
      epoch: sourceDateEpoch(job.manifest),
      timeout: job.timeout,
      signal: job.context.signal,
      onScript,
    };
    sandbox = await ScriptSandbox.open(overlay, options);
    await work(sandbox);
    await within.before;
    sandbox.close();
    keepLog(sandbox, job.log);
    await overlay.apply();
    phase.end();
    return sandbox.rows.map((row) => ({ ...row }));
  } catch (error) {
    if (sandbox) keepLog(sandbox, job.log);
    await leave(overlay, job);
    throw error;
  }
}

/** With --keep the temporary directory stays until the next run sweeps it. */
async function leave(overlay: Overlay, job: Job): Promise<void> {
  if (!job.keep) return overlay.discard();
  job.context.note(`the changes are kept in '${overlay.upper}' until the next run`);
}

function keepLog(sandbox: ScriptSandbox, file: string | undefined): void {
  if (file !== undefined) writeFileSync(file, sandbox.outputSince(0));
}
