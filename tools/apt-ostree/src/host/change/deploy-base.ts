import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { formatOrigin, type Origin, readCommit, recordDeployment } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { temporaryDirectory } from '@apt-ostree/run';
import { deployWith } from '../aot-deploy.ts';
import type { Target } from './target.ts';

export interface Next {
  commit: string;
  origin: Origin;
  kernelArguments?: readonly string[];
  /** A shutdown leaves it alone until it is unlocked. */
  lockFinalization?: boolean;
}

/** Makes a deployment: staged where the sysroot runs, at once elsewhere. */
export async function deployBase(target: Target, next: Next, context: Context): Promise<DeploymentManifest> {
  const { sysroot, stateroot, base } = target;
  const kernelArguments = next.kernelArguments ?? base.kernelArguments;
  const origin = await temporaryDirectory(tmpdir());
  try {
    const file = join(origin.path, 'origin');
    writeFileSync(file, formatOrigin(next.origin));
    const made = await deployWith(context, [
      ...['--sysroot', sysroot.path, '--stateroot', stateroot, '--commit', next.commit, '--origin', file],
      ...kernelArguments.map((k) => `--karg=${k}`),
      ...(sysroot.isBooted ? ['--stage'] : []),
      ...(next.lockFinalization ? ['--lock-finalization'] : []),
    ]);
    await record(target, made, context);
    return made;
  } finally {
    await origin.remove();
  }
}

/** Into the journal, for `ex history`. */
export async function record(target: Target, made: DeploymentManifest, context: Context): Promise<void> {
  if (!target.sysroot.isBooted) return;
  const { version } = await readCommit(target.sysroot.repo, made.commit);
  const operation = context.path.slice(1).join(' ');
  await recordDeployment({
    message: `${operation}: ${made.staged ? 'staged' : 'deployed'} ${made.stateroot} ${version ?? made.commit}`,
    commandLine: ['apt-ostree', ...process.argv.slice(2)].join(' '),
    stateroot: made.stateroot,
    checksum: made.commit,
    serial: made.serial,
    operation,
    version,
  });
}
