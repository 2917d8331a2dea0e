import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSysroot, type Sysroot } from '@apt-ostree/host';
import { type RunOptions, type RunResult, run } from '@apt-ostree/run';
import { type Entered, enterBooted, type Kept, keepBooted, type Mount } from '@apt-ostree/testkit';
import { build } from 'esbuild';
import { SCRATCH, TOP } from './checkout.ts';
import { type Change, commitChange } from './next-commit.ts';
import { once } from './once.ts';
import { realTree } from './real-tree.ts';
import { scratch } from './scratch.ts';

const TREEFILE = 'test/trees/booted.yaml';
const REF = 'test/booted';
const REMOTE = 'debian';
const STATEROOT = 'debian';
/** Inside: where the remote's repository and this checkout are. */
const UPSTREAM = 'run/upstream';
const CHECKOUT = 'run/checkout';

/** A machine that has booted a deployment of test/trees/booted.yaml, as far as programs can tell. */
export interface BootedWorld {
  /** Its sysroot, seen from outside. */
  sysroot: string;
  /** The repository of its remote `debian`, of mode bare: inside it is /run/upstream. */
  repo: string;
  /** What was deployed first, from `debian:test/booted`. */
  commit: string;
  stateroot: string;
  refspec: string;
  /** Its /run, seen from outside: what is staged stays there until `reboot`. */
  runtime: string;
  /** Runs a command inside, as root; throws when it fails, unless `ok` allows it. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a tool of this checkout inside, with the tree's own node, and hands back whatever exit code it ends with. */
  tool(name: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  aptOstree(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Tells it of a repository; without options nothing is verified. */
  addRemote(name: string, url: string, ...options: string[]): Promise<RunResult>;
  /** Writes a file of the booted system: below /etc, /var or /run. */
  write(path: string, text: string): void;
  /** Commits a change to the ref in the remote's repository. */
  nextCommit(change?: Change): Promise<string>;
  /** What libs/host reads inside. */
  status(): Promise<Sysroot>;
  /** From now on, what a command mounts stays until the reboot. */
  stay(): Promise<void>;
  /** Ends that. */
  leave(): Promise<void>;
  /** What a shutdown and a start do: the staged deployment is finalized, the default one entered, /run is fresh. */
  reboot(): Promise<void>;
  /** The directory of the booted deployment, seen from outside. */
  root(): string;
  /** How it is entered; `at` says where a copy of it is, with a /run of its own. */
  place(at?: Copy): Entered;
}

interface Copy {
  sysroot: string;
  run: string;
}

/**
 * Makes a booted machine below build/e2e/NAME. The tree is composed and deployed once in a run of the suite, with the
 * tree's own ostree; each world is a copy whose objects and /usr are hard links. So never write into an object or a file
 * of /usr: replace it.
 */
export async function bootedWorld(name: string): Promise<BootedWorld> {
  const base = await preparedBase();
  const top = scratch(name);
  for (const part of ['sysroot', 'upstream']) await copy(join(base, part), join(top, part));
  return openWorld(top, (await realTree(TREEFILE)).commit.commit);
}

async function openWorld(top: string, commit: string): Promise<BootedWorld> {
  const sysroot = join(top, 'sysroot');
  const repo = join(top, 'upstream');
  const runtime = join(top, 'run');
  let booted = '';
  let kept: Kept | undefined;
  const boot = async () => {
    booted = (await readSysroot(sysroot)).deployments[0]?.path ?? '';
    rmSync(runtime, { recursive: true, force: true });
    mkdirSync(runtime);
  };
  await boot();
  const root = () => join(sysroot, booted);
  const place = (at: Copy = { sysroot, run: runtime }): Entered => ({
    root: join(at.sysroot, booted),
    run: at.run,
    mounts: [
      { from: TOP, to: CHECKOUT },
      { from: repo, to: UPSTREAM, writable: true },
    ],
    deployment: { sysroot: at.sysroot, var: join(at.sysroot, dirname(dirname(booted)), 'var') },
  });
  const world: BootedWorld = {
    sysroot,
    repo,
    commit,
    stateroot: STATEROOT,
    refspec: `${REMOTE}:${REF}`,
    runtime,
    root,
    place,
    run: (argv, options) => kept?.run(argv, options) ?? enterBooted(place(), argv, options),
    tool: (name, args, options) =>
      world.run([`/${CHECKOUT}/node_modules/.bin/${name}`, ...args], { ok: 'any', ...options }),
    aptOstree: (args, options) => world.tool('apt-ostree', args, options),
    addRemote: (name, url, ...options) => {
      const checks = options.length > 0 ? options : ['--no-gpg-verify'];
      return world.run(['ostree', 'remote', 'add', '--repo=/ostree/repo', ...checks, name, url]);
    },
    write(path, text) {
      const file = outside(world, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    nextCommit: (change = {}) => commitChange(repo, REF, change),
    async status() {
      await hostBundle(join(runtime, 'host.mjs'));
      const script = "import('/run/host.mjs').then(async (h) => console.log(JSON.stringify(await h.readSysroot('/'))))";
      const { stdout } = await world.run(['node', '-e', script]);
      return JSON.parse(stdout) as Sysroot;
    },
    async stay() {
      kept ??= await keepBooted(place());
    },
    async leave() {
      await kept?.leave();
      kept = undefined;
    },
    async reboot() {
      if (existsSync(join(runtime, 'ostree/staged-deployment')))
        await world.run(['ostree', 'admin', 'finalize-staged']);
      await world.leave();
      await boot();
    },
  };
  return world;
}

function outside(world: BootedWorld, path: string): string {
  const [, first, rest = ''] = /^\/(etc|var|run)\/(.*)$/.exec(path) ?? [];
  if (first === 'run') return join(world.runtime, rest);
  if (first === 'var') return join(dirname(dirname(world.root())), 'var', rest);
  if (first === 'etc') return join(world.root(), 'etc', rest);
  throw new Error(`${path} is not below /etc, /var or /run`);
}

/** The library as one file: the tree's node knows no TypeScript. */
async function hostBundle(file: string): Promise<void> {
  if (existsSync(file)) return;
  const entryPoints = [join(TOP, 'libs/host/src/index.ts')];
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  await build({ entryPoints, outfile: file, bundle: true, platform: 'node', format: 'esm', banner, logLevel: 'error' });
}

/** The first machine: its sysroot and its remote's repository. */
async function preparedBase(): Promise<string> {
  const tree = await realTree(TREEFILE);
  const base = join(SCRATCH, 'booted-base');
  await once(base, async () => {
    for (const part of ['sysroot', 'run']) mkdirSync(join(base, part));
    await prepareUpstream(join(base, 'upstream'), tree.repo);
    await run('ostree', ['checkout', `--repo=${join(base, 'upstream')}`, '-H', REF, join(base, 'root')]);
    await deployFirst(base);
    rmSync(join(base, 'root'), { recursive: true });
  });
  return base;
}

async function prepareUpstream(repo: string, from: string): Promise<void> {
  await run('ostree', ['init', `--repo=${repo}`, '--mode=bare']);
  await run('ostree', ['config', `--repo=${repo}`, 'set', 'core.fsync', 'false']);
  await run('ostree', ['pull-local', `--repo=${repo}`, from, REF]);
}

async function deployFirst(base: string): Promise<void> {
  const mounts: Mount[] = [
    { from: join(base, 'sysroot'), to: 'run/sysroot', writable: true },
    { from: join(base, 'upstream'), to: UPSTREAM, writable: true },
  ];
  const place = { root: join(base, 'root'), run: join(base, 'run'), mounts };
  const ostree = (...args: string[]) => enterBooted(place, ['ostree', ...args]);
  const repo = '--repo=/run/sysroot/ostree/repo';
  const sysroot = '--sysroot=/run/sysroot';
  await ostree('admin', 'init-fs', '--modern', '/run/sysroot');
  await ostree('admin', 'stateroot-init', sysroot, STATEROOT);
  await ostree('config', repo, 'set', 'core.fsync', 'false');
  await ostree('config', repo, 'set', 'sysroot.bootloader', 'none');
  await ostree('config', repo, 'set', 'sysroot.bootprefix', 'true');
  await ostree('remote', 'add', repo, '--no-gpg-verify', REMOTE, `file:///${UPSTREAM}`);
  await ostree('pull-local', repo, `--remote=${REMOTE}`, `/${UPSTREAM}`, REF);
  const kernelArguments = ['--karg=root=LABEL=root', '--karg=rw', '--karg=console=ttyS0'];
  await ostree('admin', 'deploy', sysroot, `--os=${STATEROOT}`, ...kernelArguments, `${REMOTE}:${REF}`);
}

/** What is written in place, or locked, is a copy; all else hard links. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['--archive', '--link', from, to]);
  for (const path of ownParts(from)) {
    rmSync(join(to, path), { recursive: true });
    await run('cp', ['--archive', join(from, path), join(to, path)]);
  }
}

function ownParts(top: string): string[] {
  const repos = ['', 'ostree/repo/'].flatMap((repo) => ['config', 'refs', '.lock'].map((name) => repo + name));
  const stateroot = `ostree/deploy/${STATEROOT}`;
  const deployments = join(top, stateroot, 'deploy');
  const deployed = existsSync(deployments) ? readdirSync(deployments) : [];
  const ofDeployments = deployed.map((d) => `${stateroot}/deploy/${d}${d.endsWith('.origin') ? '' : '/etc'}`);
  const boot = existsSync(join(top, 'boot'))
    ? readdirSync(join(top, 'boot')).filter((n) => n.startsWith('loader'))
    : [];
  const all = [...repos, `${stateroot}/var`, ...ofDeployments, ...boot.map((n) => `boot/${n}`), 'ostree/lock'];
  return all.filter((path) => lstatSync(join(top, path), { throwIfNoEntry: false }) !== undefined);
}
