import type { Context } from '@apt-ostree/cli';
import { fingerprint, type Sysroot } from '@apt-ostree/host';
import { type DeploymentManifest, parseManifest } from '@apt-ostree/manifest';
import { ownProgram, runPipeline } from '@apt-ostree/pipeline';

/**
 * Runs aot-deploy as a child, which drives libostree; what it says for people is said here.
 * @param sysroot as it was when it was decided what to do: minutes may have gone by, and `ostree admin` knows nothing of our lock
 * @param args its arguments, without the program and the sysroot
 * @param input what it reads, now or once it is known
 * @returns what it printed: the sysroot as it is now
 * @throws AotError `busy` (75) when another program changed the deployments meanwhile
 */
export async function deployWith(
  context: Context,
  sysroot: Sysroot,
  args: readonly string[],
  input?: Promise<string>,
): Promise<DeploymentManifest> {
  const command = [
    ...ownProgram('aot-deploy'),
    ...args,
    ...[`--sysroot=${sysroot.path}`, `--as-read=${fingerprint(sysroot)}`],
  ];
  const stage = { name: 'aot-deploy', command, own: true };
  const text = await runPipeline([stage], {
    ...(input === undefined ? {} : { input }),
    quiet: context.quiet,
    signal: context.signal,
    progress: (event) => context.progress.forward(event),
    line: (line) => context.note(line),
  });
  return parseManifest(text, ['aot.deployment/v1'], 'aot-deploy');
}
