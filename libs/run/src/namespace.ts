import { readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { AotError } from '@apt-ostree/errors';
import { type Started, start } from './start.ts';

const MARK = 'AOT_NAMESPACE';

/** True when this process may mount privately and write files with any owner: `reenter` has done its work. */
export const inNamespace = (): boolean => process.env[MARK] === '1';

/**
 * Makes sure that we are in a mount namespace of our own (as root), or in a user and mount namespace in which the user's
 * subordinate ids are mapped (as anybody else): runs this program again in one if need be. Mounts made there end with it,
 * and it is killed when we die. A pipeline enters once: its stages find the mark and stay.
 * @returns undefined inside, where the caller goes on; outside, the exit code of the program that ran inside
 * @throws AotError `os` where user namespaces or subordinate ids are missing
 */
export async function enter(): Promise<number | undefined> {
  if (inNamespace()) return undefined;
  const root = process.getuid?.() === 0;
  if (!root) await probe();
  const env = { ...process.env, [MARK]: '1', AOT_OUTER_UID: String(process.getuid?.()) };
  return follow(start('setpriv', tied(['unshare', ...flags(root), ...self()]), { stdio: inherited(), env }));
}

/** Arguments of setpriv(1) for a command that is killed when we die. */
const tied = (argv: readonly string[]): string[] => ['--pdeathsig', 'KILL', '--', ...argv];

/** Hands signals on, and ends as the child does. */
async function follow({ child, ended }: Started): Promise<number> {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => child.kill(name));
  const { code, signal } = await ended;
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

/**
 * Makes sure that we are in the mount namespace of process 1, where everybody sees what is mounted: runs this program again
 * there if need be. A service with mounts of its own needs it, and what unshare(1) started.
 * @returns as `enter` does
 */
export async function enterSystem(): Promise<number | undefined> {
  if (isInSystem()) return undefined;
  return follow(start('setpriv', tied(inSystem(self())), { stdio: inherited() }));
}

/**
 * A command for the mount namespace of process 1, from wherever this program has entered. For root only.
 * @param argv the program and its arguments
 */
export const inSystem = (argv: readonly string[]): string[] =>
  isInSystem() ? [...argv] : ['nsenter', '--mount=/proc/1/ns/mnt', '--', 'env', `--unset=${MARK}`, ...argv];

/** Who may not look could not go there either. */
function isInSystem(): boolean {
  try {
    return readlinkSync('/proc/1/ns/mnt') === readlinkSync('/proc/self/ns/mnt');
  } catch {
    return true;
  }
}

/**
 * Without --fork: setpriv, unshare and we ourselves are one process after another under one id, so that a signal for it
 * reaches the program, and the kernel's promise to kill it with its parent (kept by execve, prctl(2)) holds for it.
 */
const flags = (root: boolean): string[] => [
  ...(root ? [] : ['--user', '--map-root-user', '--map-auto']),
  ...['--mount', '--propagation', 'private', '--'],
];

const self = (): string[] => [process.execPath, ...process.execArgv, ...process.argv.slice(1)];

/** unshare's own failure cannot be told from the program's by the exit code, so it is tried once on nothing. */
async function probe(): Promise<void> {
  const { ended } = start('unshare', [...flags(false), 'true'], { stdio: 'ignore' });
  if ((await ended).code !== 0) throw refused();
}

/** All descriptors a caller may have passed, so that --progress-fd works inside. */
function inherited(): 'inherit'[] {
  const at = process.argv.indexOf('--progress-fd');
  const inline = process.argv.find((a) => a.startsWith('--progress-fd='));
  const fd = Number(inline?.slice('--progress-fd='.length) ?? (at > 0 ? process.argv[at + 1] : 2));
  return new Array<'inherit'>(Math.min(Number.isInteger(fd) ? fd : 2, 255) + 1).fill('inherit', 0);
}

function refused(): AotError {
  return new AotError('os', 'cannot enter a user namespace', {
    code: 'no-namespace',
    hint: "run as root, or install 'uidmap', give the user a range in /etc/subuid and /etc/subgid, and allow user namespaces",
  });
}
