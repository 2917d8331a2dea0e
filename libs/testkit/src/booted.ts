import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunOptions, type RunResult, run, type Started, start } from '@apt-ostree/run';

export interface Mount {
  from: string;
  /** Below the root. */
  to: string;
  writable?: boolean;
}

export interface Entered {
  /** The tree that becomes the root directory. */
  root: string;
  /** Where /run is kept between commands: what is staged lives there. */
  run: string;
  mounts: readonly Mount[];
  /** Of a deployment: its sysroot and its stateroot's /var. Without it, the tree is entered as it is. */
  deployment?: { sysroot: string; var: string };
}

const ENTER = fileURLToPath(new URL('data/enter-booted.sh', import.meta.url));

/**
 * What the tests need of libostree and systemd: deployments that can be removed like other directories, and no manager to
 * be asked to start the unit that finalizes.
 */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C.UTF-8',
  OSTREE_SYSROOT_DEBUG: 'mutable-deployments,test-staged-path',
  SYSTEMD_OFFLINE: '1',
};

/**
 * Runs a command in a tree as if the machine had booted it, with the tree's own programs: mounts and processes of its own,
 * the tree for root directory by pivot_root(2), /usr read-only, the sysroot at /sysroot. Only root can.
 * @param options as `run` has them; the environment is ours and what is given
 */
export async function enterBooted(
  place: Entered,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return run('unshare', entering(place, argv), {
    what: `cannot run '${argv.join(' ')}' in '${place.root}'`,
    ...options,
    clearEnv: true,
    env: { ...ENVIRONMENT, ...options.env },
  });
}

/** As `enterBooted`, for a server: it runs until it is killed. */
export const startBooted = (place: Entered, argv: readonly string[]): Started =>
  start('unshare', entering(place, argv), { stdio: 'ignore', env: ENVIRONMENT });

function entering({ root, run: runtime, mounts, deployment }: Entered, argv: readonly string[]): string[] {
  for (const { to } of mounts)
    if (to.startsWith('run/')) mkdirSync(join(runtime, to.slice('run/'.length)), { recursive: true });
  if (deployment) writeFileSync(join(runtime, 'ostree-booted'), '');
  const isolation = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const places = [root, deployment?.sysroot ?? '', deployment?.var ?? '', runtime];
  const further = mounts.flatMap(({ from, to, writable }) => [from, to, writable ? 'rw' : 'ro']);
  return [...isolation, '--', 'sh', ENTER, ...places, ...further, '--', ...argv];
}
