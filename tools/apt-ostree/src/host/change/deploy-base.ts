import type { Context } from '@apt-ostree/cli';
import { recordDeployment } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import { below, keepBases } from '../layer/bases.ts';
import { withOwnInitramfs } from './initramfs/own-initramfs.ts';
import { type Settings, type StartedDeployment, startDeployment } from './start-deployment.ts';
import type { Target } from './target.ts';

export interface Next extends Settings {
  commit: string;
  /** An aot-deploy that was started with the same settings. */
  started?: StartedDeployment | undefined;
}

/** Makes a deployment, with the initramfs that its origin asks for: staged where the sysroot runs, at once elsewhere. */
export async function deployBase(target: Target, next: Next, context: Context): Promise<DeploymentManifest> {
  const { sysroot } = target;
  const commit = await withOwnInitramfs(target, next.commit, next.origin, context);
  await keepBases(sysroot, ...below(sysroot.repo, commit));
  const made = await (next.started ?? startDeployment(target, next, context)).deploy(commit);
  await record(target, made, context);
  return made;
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
