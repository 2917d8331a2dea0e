import { bindRecorders } from '@apt-ostree/bwrap';
import type { ScriptRun } from '@apt-ostree/manifest';
import { storeConfigured } from '@apt-ostree/ostree';
import { asTreefile, type CompleteTreefile, verifyInputs } from '@apt-ostree/treefile/flat';
import type { Job } from './configure.ts';
import { beneath } from './edits/beneath.ts';
import type { Editing } from './edits/edit.ts';
import { EDITS } from './edits/index.ts';
import { inSandbox } from './in-sandbox.ts';
import { postprocess } from './postprocess.ts';
import { requireSystem } from './require-system.ts';

/**
 * Edits a configured tree as the treefile says and runs its scripts. The configured tree goes into the cache before, while
 * the edits are made in an overlay.
 * @param key names the configured tree; without one it is not cached
 * @returns the whole script record
 * @throws AotError `failed` where a script has left no system
 */
export async function finishTree(job: Job, scripts: ScriptRun[], key: string | undefined): Promise<ScriptRun[]> {
  const treefile = asTreefile(job.manifest.treefile);
  const store = key === undefined ? Promise.resolve() : storeConfigured(job.cachedir, key, job.rootfs, scripts);
  store.catch(() => {}); // awaited below, also when an edit fails first
  const steps = EDITS.filter((edit) => edit.wanted(treefile));
  const total = steps.length + treefile.postprocess.length + (treefile['postprocess-script'] === undefined ? 0 : 1);
  if (total > 0) {
    verify(job, treefile);
    scripts = [...scripts, ...(await finish(job, treefile, total, store))];
  }
  await store;
  requireSystem(job.rootfs, scripts);
  return scripts;
}

/** Files beside the treefile are what they were when it was resolved. */
function verify({ manifest, sourceRoot }: Job, treefile: CompleteTreefile): void {
  const used = new Set([...treefile['add-files'].map(([from]) => from), treefile['postprocess-script']]);
  verifyInputs(
    manifest.inputs.filter((i) => used.has(i.path)),
    sourceRoot,
  );
}

const finish = (job: Job, treefile: CompleteTreefile, total: number, before: Promise<void>): Promise<ScriptRun[]> =>
  inSandbox(job, { phase: 'postprocess', total, before }, async (sandbox) => {
    const root = sandbox.overlay.merged;
    const path = (inTree: string) => beneath(root, inTree);
    sandbox.always(bindRecorders(root, sandbox.control.path));
    const editing: Editing = { treefile, sandbox, root, path, inputs: job.manifest.inputs, sourceRoot: job.sourceRoot };
    for (const edit of EDITS) {
      if (!edit.wanted(treefile)) continue;
      await edit.apply(editing);
      sandbox.recordOwn({ package: 'treefile', script: edit.key });
    }
    await postprocess(editing);
  });
