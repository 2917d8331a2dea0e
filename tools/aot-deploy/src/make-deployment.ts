import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import {
  type Deployment,
  formatOrigin,
  type Origin,
  readSysroot,
  type Sysroot,
  unchangedSince,
  withoutTransient,
} from '@apt-ostree/host';
import { sweep, temporaryDirectory } from '@apt-ostree/run';
import { admin } from './admin.ts';
import { checkMerge } from './check-merge.ts';

/** Root's alone, as /tmp is not. */
const SCRATCH = '/run/apt-ostree';

export interface Wanted {
  commit: string;
  stateroot: string;
  origin: Origin;
  /** All of them; undefined: those of libostree's merge deployment. */
  kernelArguments: readonly string[] | undefined;
  stage: boolean;
  lockFinalization: boolean;
  notAsDefault: boolean;
  retain: boolean;
  noMerge: boolean;
}

/**
 * Has libostree make a deployment, if the sysroot is still as it was read.
 * @returns the new one, as it stands in the boot order now
 */
export async function makeDeployment(before: Sysroot, wanted: Wanted): Promise<Deployment> {
  if (!wanted.noMerge) checkMerge(before, wanted.stateroot, wanted.commit);
  await sweep(SCRATCH);
  const scratch = await temporaryDirectory(SCRATCH);
  try {
    const origin = join(scratch.path, 'origin');
    writeFileSync(origin, formatOrigin(withoutTransient(wanted.origin)));
    await unchangedSince(before);
    await deploy(before, wanted, origin);
  } finally {
    await scratch.remove();
  }
  return findNew(before, await readSysroot(before.path), wanted);
}

async function deploy(before: Sysroot, wanted: Wanted, originFile: string): Promise<void> {
  const what = `cannot deploy '${wanted.commit}'`;
  try {
    await admin(before, ['deploy', ...words(wanted, originFile), wanted.commit], { what });
  } catch (error) {
    // What it had written is not listed anywhere; the next deployment would remove it too.
    await admin(before, ['cleanup'], { ok: 'any' });
    throw error;
  }
}

const words = (wanted: Wanted, originFile: string): string[] => [
  `--stateroot=${wanted.stateroot}`,
  `--origin-file=${originFile}`,
  ...(wanted.stage ? ['--stage'] : []),
  ...(wanted.lockFinalization ? ['--lock-finalization'] : []),
  ...(wanted.notAsDefault ? ['--not-as-default'] : []),
  ...(wanted.retain ? ['--retain'] : []),
  ...(wanted.noMerge ? ['--no-merge'] : []),
  ...(wanted.kernelArguments === undefined
    ? []
    : ['--karg-none', ...wanted.kernelArguments.map((a) => `--karg-append=${a}`)]),
];

function findNew(before: Sysroot, after: Sysroot, wanted: Wanted): Deployment {
  const old = new Set(before.deployments.map((d) => d.id));
  const found = after.deployments.find((d) => (wanted.stage ? d.staged : !old.has(d.id)));
  if (found?.checksum === wanted.commit && found.stateroot === wanted.stateroot) return found;
  throw new AotError('failed', `cannot find the deployment of '${wanted.commit}' that was just made`, {
    hint: 'another program changed the deployments meanwhile; run the command again',
  });
}
