import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { formatOrigin, type Origin, recordDeployment } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import { temporaryDirectory } from '@apt-ostree/run';
import { deployWith } from '../deploy-with.ts';
import { below, keepBases } from '../layer/bases.ts';
import { withOwnInitramfs } from './initramfs/own-initramfs.ts';
import type { Target } from './target.ts';

export interface Next {
  commit: string;
  origin: Origin;
  /** Those of the base, unless said. */
  kernelArguments?: readonly string[];
  /** A shutdown leaves it alone until it is unlocked. */
  lockFinalization: boolean;
  /** Removes no other deployment: where it cannot be told which one runs. */
  retain?: boolean;
}

/** Makes a deployment, with the initramfs that its origin asks for: staged where the sysroot runs, at once elsewhere. */
export async function deployBase(target: Target, next: Next, context: Context): Promise<DeploymentManifest> {
  const { sysroot, stateroot, base } = target;
  const kernelArguments = next.kernelArguments ?? base.kernelArguments;
  const commit = await withOwnInitramfs(target, next.commit, next.origin, context);
  await keepBases(sysroot, ...below(sysroot.repo, commit));
  const scratch = await temporaryDirectory(tmpdir());
  try {
    const origin = join(scratch.path, 'origin');
    writeFileSync(origin, formatOrigin(next.origin));
    const made = await deployWith(context, sysroot, [
      ...[`--stateroot=${stateroot}`, `--commit=${commit}`, `--origin=${origin}`],
      ...kernelArguments.map((k) => `--karg=${k}`),
      ...(next.lockFinalization ? ['--lock-finalization'] : []),
      ...(next.retain ? ['--retain'] : []),
    ]);
    await record(target, made, context);
    return made;
  } finally {
    await scratch.remove();
  }
}

/** Into the journal of the system that runs, for `ex history`. */
export async function record({ sysroot }: Target, made: DeploymentManifest, context: Context): Promise<void> {
  const { stateroot, commit, serial } = made;
  if (!sysroot.isBooted || stateroot === null || commit === null || serial === null) return;
  const { version } = readCommit(sysroot.repo, commit);
  const operation = context.path.slice(1).join(' ');
  await recordDeployment({
    message: `${operation}: ${made.staged ? 'staged' : 'deployed'} ${stateroot} ${version ?? commit}`,
    commandLine: process.env['APT_OSTREE_COMMAND_LINE'] ?? ['apt-ostree', ...process.argv.slice(2)].join(' '),
    ...{ stateroot, checksum: commit, serial, operation, version },
  });
}
