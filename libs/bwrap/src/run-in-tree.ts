import { join, resolve } from 'node:path';
import { type RunOptions, type RunResult, run, start } from '@apt-ostree/run';
import { LAUNCH } from './launch.ts';
import { openOverlay } from './overlay.ts';
import { type SandboxOptions, sandboxArguments } from './sandbox-arguments.ts';

const [launcher, ...launch] = LAUNCH;

export interface RunInTreeOptions extends SandboxOptions {
  /** Keep what the program changed. Without it the tree stays as it was. */
  write?: boolean;
}

/**
 * Runs a program in a tree, in the sandbox of the maintainer scripts (no network, clean environment), without recorders.
 * The tree is behind an overlay: it is changed only with `write`, and then only after the program ended well.
 * @returns what `run` of libs/run returns
 * @throws AotError as `run` does
 */
export async function runInTree(
  rootfs: string,
  argv: readonly string[],
  options: RunInTreeOptions,
  runOptions: RunOptions = {},
): Promise<RunResult> {
  const overlay = await openOverlay(rootfs);
  try {
    const result = await run(launcher, [...launch, ...sandboxArguments(overlay.merged, options), ...argv], runOptions);
    if (options.write) await overlay.apply();
    return result;
  } finally {
    await overlay.discard();
  }
}

/**
 * As `runInTree`, with the tree's /usr read-only instead of an overlay, so that we need no mount namespace of our own. What
 * is not in its /usr must not be shared with anybody.
 */
export function runWithReadOnlyUsr(
  rootfs: string,
  argv: readonly string[],
  options: SandboxOptions,
  runOptions: RunOptions = {},
): Promise<RunResult> {
  const binds = [{ source: join(rootfs, 'usr'), target: '/usr' }, ...(options.binds ?? [])];
  return run(launcher, [...launch, ...sandboxArguments(rootfs, { ...options, binds }), ...argv], runOptions);
}

/** A tree in which several programs run, one after the other or at once. */
export interface TreeSandbox {
  run(argv: readonly string[], options: SandboxOptions, runOptions?: RunOptions): Promise<RunResult>;
  close(): Promise<void>;
}

/** As many calls of `runInTree` without `write`, behind one overlay: what one program leaves there, the others find. */
export async function openTreeSandbox(rootfs: string): Promise<TreeSandbox> {
  const overlay = await openOverlay(rootfs);
  return {
    run: (argv, options, runOptions = {}) =>
      run(launcher, [...launch, ...sandboxArguments(overlay.merged, options), ...argv], runOptions),
    close: () => overlay.discard(),
  };
}

/** As `runInTree`, with our own standard streams. @returns the program's exit code */
export async function execInTree(rootfs: string, argv: readonly string[], options: RunInTreeOptions): Promise<number> {
  const overlay = await openOverlay(resolve(rootfs));
  try {
    const args = [...launch, ...sandboxArguments(overlay.merged, options), ...argv];
    const { code } = await start(launcher, args, { stdio: 'inherit' }).ended;
    if (options.write && code === 0) await overlay.apply();
    return code ?? 128;
  } finally {
    await overlay.discard();
  }
}
