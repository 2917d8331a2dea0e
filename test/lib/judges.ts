import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunResult, run, type Started } from '@apt-ostree/run';
import { bootedCommand, type Entered, enterBooted, startBooted } from '@apt-ostree/testkit';
import { CACHE, program, SCRATCH, TOP } from './checkout.ts';
import { once } from './once.ts';

/** Where a judge finds the directory that the test shares with it. */
export const SHARED = '/mnt';

/**
 * podman with what a build machine may lack: limits that cannot be raised, control groups of a mixed hierarchy, firewalls.
 * containers.conf(5)
 */
const CONTAINERS_CONF = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
cgroups = "disabled"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** The programs of a Debian 13 tree, which judge what we make. Root only. */
export interface Judges {
  /** Seen by the judges at SHARED. */
  shared: string;
  /** Runs a judge; its output, and an error when it fails. */
  run(...argv: string[]): Promise<RunResult>;
  /** podman, with images of its own in the shared directory. */
  podman(...args: string[]): Promise<RunResult>;
  /**
   * Makes a program for our tools to find, which runs the judge of that name with what it is given.
   * @param argv its name, and words that come before all others
   * @returns the directory for PATH
   */
  program(argv: readonly [string, ...string[]], env?: Record<string, string>): string;
  /** Starts Debian's registry on this machine. */
  registry(options?: RegistryOptions): Promise<Registry>;
}

export interface RegistryOptions {
  /** `user:password`, checked by the registry with htpasswd(1). */
  login?: string;
  /** The `auth` section of its configuration, in JSON; other environments do the checking. */
  auth?: unknown;
}

export interface Registry {
  /** 127.0.0.1 and a port. */
  host: string;
  stop(): Promise<void>;
}

/** @param shared a directory for what goes to judges and comes from them */
export async function judges(shared: string): Promise<Judges> {
  const root = await judgesTree();
  const runtime = join(shared, '.run');
  mkdirSync(runtime, { recursive: true });
  writeFileSync(join(shared, '.containers.conf'), CONTAINERS_CONF);
  const place: Entered = { root, run: runtime, mounts: [{ from: shared, to: SHARED.slice(1), writable: true }] };
  const judge = (...argv: string[]) => enterBooted(place, argv);
  const environment = [`CONTAINERS_CONF=${SHARED}/.containers.conf`, 'PODMAN_IGNORE_CGROUPSV1_WARNING=1'];
  const podman = (...args: string[]) =>
    judge('env', ...environment, 'podman', `--root=${SHARED}/.podman`, '--runroot=/run/podman', ...args);
  const program: Judges['program'] = (argv, env = {}) => writeProgram(place, shared, argv, env);
  const registry = (options: RegistryOptions = {}) => startRegistry(place, judge, shared, options);
  return { shared, run: judge, podman, program, registry };
}

function writeProgram(
  place: Entered,
  shared: string,
  argv: readonly [string, ...string[]],
  env: Record<string, string>,
): string {
  const directory = mkdtempSync(join(shared, 'program-'));
  const command = bootedCommand(place, argv, { HOME: SHARED, TMPDIR: SHARED, ...env }).map(quoted);
  const script = `#!/bin/sh
for word; do
  shift
  set -- "$@" "$(printf %s "$word" | sed 's|${shared}|${SHARED}|g')"
done
exec ${command.join(' ')} "$@"
`;
  writeFileSync(join(directory, argv[0]), script);
  chmodSync(join(directory, argv[0]), 0o755);
  return directory;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Composed once in a run of the suite. */
async function judgesTree(): Promise<string> {
  const tree = join(SCRATCH, 'judges');
  const treefile = join(TOP, 'test/trees/judges.yaml');
  const compose = ['compose', 'install', '--cachedir', CACHE, treefile, tree];
  await once(tree, () => run(program('apt-ostree'), compose));
  return join(tree, 'rootfs');
}

async function startRegistry(
  place: Entered,
  judge: Judges['run'],
  shared: string,
  { login, auth }: RegistryOptions,
): Promise<Registry> {
  const host = `127.0.0.1:${await freePort()}`;
  const name = `.registry-${host.slice(10)}`;
  const configuration = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: `${SHARED}/${name}` }, delete: { enabled: true } },
    http: { addr: host },
    ...(login === undefined ? {} : { auth: { htpasswd: { realm: 'test', path: `${SHARED}/${name}.passwd` } } }),
    ...(auth === undefined ? {} : { auth }),
  };
  writeFileSync(join(shared, `${name}.yaml`), JSON.stringify(configuration)); // JSON is YAML
  if (login !== undefined) await writeLogin(judge, join(shared, `${name}.passwd`), login);
  const started = startBooted(place, ['docker-registry', 'serve', `${SHARED}/${name}.yaml`]);
  await answering(`http://${host}/v2/`);
  return { host, stop: () => stop(started) };
}

async function writeLogin(judge: Judges['run'], path: string, login: string): Promise<void> {
  const [user = '', password = ''] = login.split(':');
  writeFileSync(path, (await judge('htpasswd', '-Bbn', user, password)).stdout);
}

async function stop({ child, ended }: Started): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await sleep(100);
    }
  }
}
