import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
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

const OWN_NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];

/**
 * Runs a command in a tree as if the machine had booted it, with the tree's own programs: mounts and processes of its own,
 * the tree for root directory by pivot_root(2), /usr read-only, the sysroot at /sysroot. Only root can.
 * @param options as `run` has them; the environment is ours and what is given
 */
export const enterBooted = (place: Entered, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  run('unshare', entering(place, argv), inside(place, argv, options));

/** As `enterBooted`, for a server: it runs until it is killed. unshare(1) ignores gentler signals than SIGKILL. */
export const startBooted = (place: Entered, argv: readonly string[]): Started =>
  start('unshare', entering(place, argv), { stdio: 'ignore', env: ENVIRONMENT });

/** The command that does what `enterBooted` does, for a script that others run. */
export const bootedCommand = (place: Entered, argv: readonly string[], env: Record<string, string> = {}): string[] => {
  const variables = Object.entries({ ...ENVIRONMENT, ...env }).map(([name, value]) => `${name}=${value}`);
  return ['env', '-i', ...variables, 'unshare', ...entering(place, argv)];
};

/** A tree that stays entered: what a command mounts, the next one finds. */
export interface Kept {
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  leave(): Promise<void>;
}

/** Enters a tree as `enterBooted` does, and stays there until it is told to leave. */
export async function keepBooted(place: Entered): Promise<Kept> {
  const holder = ['sh', '-c', 'echo ready; exec sleep infinity'];
  const argv = ['--pdeathsig', 'KILL', '--', 'unshare', ...entering(place, holder)];
  const env = { ...ENVIRONMENT, PATH: process.env.PATH };
  const { child, ended } = start('setpriv', argv, { stdio: ['ignore', 'pipe', 'inherit'], env });
  await Promise.race([once(child.stdout as Readable, 'data'), ended]);
  const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  return {
    run: (argv, options = {}) =>
      run('nsenter', [`--target=${first}`, '--mount', '--pid', '--root', '--wd', '--', ...argv], {
        ...inside(place, argv, options),
      }),
    async leave() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function entering({ root, run: runtime, mounts, deployment }: Entered, argv: readonly string[]): string[] {
  for (const { to } of mounts)
    if (to.startsWith('run/')) mkdirSync(join(runtime, to.slice('run/'.length)), { recursive: true });
  if (deployment) writeFileSync(join(runtime, 'ostree-booted'), '');
  const places = [root, deployment?.sysroot ?? '', deployment?.var ?? '', runtime];
  const further = mounts.flatMap(({ from, to, writable }) => [from, to, writable ? 'rw' : 'ro']);
  return [...OWN_NAMESPACES, '--', 'sh', ENTER, ...places, ...further, '--', ...argv];
}

const inside = ({ root }: Entered, argv: readonly string[], options: RunOptions): RunOptions => ({
  what: `cannot run '${argv.join(' ')}' in '${root}'`,
  ...options,
  clearEnv: true,
  env: { ...ENVIRONMENT, ...options.env },
});
