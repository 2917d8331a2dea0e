import { type RunResult, run } from '@apt-ostree/run';
import { cacheFull, diskIsFull } from './cache-full.ts';
import type { AptRoot } from './private-root.ts';
import { rootPaths } from './root-config.ts';

/**
 * Runs apt-get in a private root, in English, whatever its exit code: what it says is for the caller to judge.
 * The kernel ends it with us, as it may wait for a server for minutes.
 * @throws AotError `io` when it fails on a full disk
 */
export async function aptGet(root: AptRoot, args: readonly string[], signal?: AbortSignal): Promise<RunResult> {
  const result = await run('setpriv', ['--pdeathsig', 'KILL', '--', 'apt-get', ...args], {
    env: {
      APT_CONFIG: root.config,
      TMPDIR: rootPaths(root.path).tmp,
      ...{ LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive', TZ: 'UTC' },
    },
    ok: 'any',
    ...(signal ? { signal } : {}),
  });
  if (result.exitCode !== 0 && diskIsFull(root)) throw cacheFull(root);
  return result;
}
