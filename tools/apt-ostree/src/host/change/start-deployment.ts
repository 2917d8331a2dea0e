import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { formatOrigin, type Origin } from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { temporaryDirectory } from '@apt-ostree/run';
import { deployWith } from '../deploy-with.ts';
import type { Target } from './target.ts';

/** All that is asked of a deployment but its commit. */
export interface Settings {
  origin: Origin;
  /** Those of the base, unless said. */
  kernelArguments?: readonly string[];
  /** A shutdown leaves it alone until it is unlocked. */
  lockFinalization: boolean;
  /** Removes no other deployment: where it cannot be told which one runs. */
  retain?: boolean;
}

/** An aot-deploy that runs, and waits to be told the commit. */
export interface StartedDeployment {
  /** Deploys a commit of the sysroot's repository. */
  deploy(commit: string): Promise<DeploymentManifest>;
  /** Ends it, where nothing was deployed. */
  abandon(): Promise<void>;
}

/** Starts aot-deploy: while a commit is on its way, the program that shall deploy it is loaded. */
export function startDeployment(target: Target, settings: Settings, context: Context): StartedDeployment {
  let tell: (commit: string) => void = () => {};
  let refuse: (reason: unknown) => void = () => {};
  const commit = new Promise<string>((resolve, reject) => {
    tell = resolve;
    refuse = reject;
  });
  const made = run(target, settings, commit, context);
  for (const promise of [commit, made]) promise.catch(() => {}); // whoever waits for it hears of it
  return {
    deploy(checksum) {
      tell(checksum);
      return made;
    },
    async abandon() {
      refuse(new Error('no commit is to be deployed'));
      await made.catch(() => {});
    },
  };
}

async function run(
  { sysroot, stateroot, base }: Target,
  { origin, kernelArguments = base.kernelArguments, lockFinalization, retain }: Settings,
  commit: Promise<string>,
  context: Context,
): Promise<DeploymentManifest> {
  const scratch = await temporaryDirectory(tmpdir());
  try {
    const file = join(scratch.path, 'origin');
    writeFileSync(file, formatOrigin(origin));
    const args = [
      ...[`--stateroot=${stateroot}`, '--commit=-', `--origin=${file}`],
      ...kernelArguments.map((k) => `--karg=${k}`),
      ...(lockFinalization ? ['--lock-finalization'] : []),
      ...(retain ? ['--retain'] : []),
    ];
    return await deployWith(context, sysroot, args, commit);
  } finally {
    await scratch.remove();
  }
}
