import type { Context } from '@apt-ostree/cli';
import { type DeploymentManifest, parseManifest } from '@apt-ostree/manifest';
import { ownProgram, runPipeline } from '@apt-ostree/pipeline';

/**
 * Runs aot-deploy as a child, which drives libostree; what it says for people is said here.
 * @param args its arguments, without the program
 * @param input a manifest for its standard input, where it reads one
 * @returns what it printed: the sysroot as it is now
 */
export async function deployWith(
  context: Context,
  args: readonly string[],
  input?: string,
): Promise<DeploymentManifest> {
  const stage = { name: 'aot-deploy', command: [...ownProgram('aot-deploy'), ...args], own: true };
  const text = await runPipeline([stage], {
    ...(input === undefined ? {} : { input }),
    quiet: context.quiet,
    signal: context.signal,
    progress: (event) => context.progress.forward(event),
    line: (line) => context.note(line),
  });
  return parseManifest(text, ['aot.deployment/v1'], 'aot-deploy');
}
