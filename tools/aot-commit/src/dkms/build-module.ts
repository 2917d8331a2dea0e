import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTreeSandbox, type TreeSandbox } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import { Tree } from '@apt-ostree/ostree';
import { temporaryDirectory } from '@apt-ostree/run';
import { keepFile, keptFile } from '../kept-file.ts';
import type { Layout } from '../layout.ts';
import { copyView, viewDigest } from '../view/copy-view.ts';
import { type Added, STATE } from './added.ts';
import { withoutSigning } from './configuration.ts';
import { moduleView } from './module-view.ts';
import { signingFiles } from './signing.ts';
import { answerUname } from './uname.ts';

/** Changes whenever the same view would give another module. */
const GENERATION = 1;

/** Where the sandbox has the directory that gets what was built. */
const OUT = '/run/aot';

/** Of a kernel build the clock shows nowhere; one clock makes sure of it. */
const CLOCK = 86_400;

/** DKMS's exit code for a module that says by BUILD_EXCLUSIVE that it is not for this kernel. */
const EXCLUDED = 77;

/** How many lines of the build's log an error shows. */
const LINES = 15;

export interface ModuleCache {
  /** Built modules by the digest of what they were made from. */
  modules: string;
  /** Where temporary directories go, on the file system of the former. */
  tmp: string;
}

/** What a build leaves in VERSION/KERNEL of the module's state, by path: base64. */
type Built = Record<string, string>;

/**
 * Builds a module for the tree's kernel, or takes it from the cache. DKMS sees only the part of the tree whose digest names
 * the result, so a hit and a miss give the same bytes.
 * @returns what belongs into VERSION/KERNEL of the module's state, by path; none where the module is not for this kernel
 * @throws AotError `failed`, with the end of the build's log
 */
export async function buildModule(
  layout: Layout,
  kver: string,
  module: Added,
  cache: ModuleCache,
): Promise<Map<string, Buffer>> {
  const { tree } = layout;
  const view = moduleView(tree, kver, module);
  const suffix = moduleSuffix(tree, kver);
  const key = viewDigest(tree, view, [GENERATION, kver, module.name, module.version, suffix]);
  const file = join(cache.modules, `${key}.json`);
  const bytes = keptFile(file) ?? (await make(layout, kver, module, { view, suffix, file, tmp: cache.tmp }));
  const built = JSON.parse(Buffer.from(bytes).toString('utf8')) as Built;
  return new Map(Object.entries(built).map(([path, text]) => [path, Buffer.from(text, 'base64')]));
}

/** DKMS compresses modules as the kernel's are. */
function moduleSuffix(tree: Tree, kver: string): string {
  for (const { path } of tree.walk(`usr/lib/modules/${kver}/kernel`)) {
    const suffix = /\.ko(\.gz|\.xz|\.zst)?$/.exec(path)?.[0];
    if (suffix !== undefined) return suffix;
  }
  return '.ko';
}

interface Making {
  view: readonly string[];
  suffix: string;
  /** In the cache. */
  file: string;
  tmp: string;
}

async function make(
  layout: Layout,
  kver: string,
  module: Added,
  { view, suffix, file, tmp }: Making,
): Promise<Uint8Array> {
  const temporary = await temporaryDirectory(tmp);
  try {
    const [part, out] = [new Tree(join(temporary.path, 'tree')), join(temporary.path, 'out')];
    for (const directory of [part.root, out]) mkdirSync(directory);
    copyView(layout.tree, part, view);
    part.write(`usr/lib/modules/${kver}/kernel/any${suffix}`, '');
    if (signingFiles(layout.tree).length === 0) withoutSigning(part);
    answerUname(part, kver);
    const sandbox = await openTreeSandbox(part.root);
    try {
      await build(sandbox, kver, module, out, layout.signal);
    } finally {
      await sandbox.close();
    }
    writeFileSync(`${out}.json`, JSON.stringify(filesOf(new Tree(out))));
    return keepFile(file, `${out}.json`);
  } finally {
    await temporary.remove();
  }
}

async function build(
  sandbox: TreeSandbox,
  kver: string,
  { name, version }: Added,
  out: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { epoch: CLOCK, binds: [{ source: out, target: OUT, writable: true }] };
  const inside = (...argv: string[]) => sandbox.run(argv, options, { ok: 'any', signal });
  const { exitCode, stdout, stderr } = await inside('dkms', 'build', '-m', name, '-v', version, '-k', kver);
  if (exitCode === EXCLUDED) return;
  const state = `/${STATE}/${name}/${version}`;
  const copied = exitCode === 0 && (await inside('cp', '-R', '--', `${state}/${kver}/.`, OUT)).exitCode === 0;
  if (copied) return;
  const log = (await inside('tail', '-n', '2000', '--', `${state}/build/make.log`)).stdout || stdout + stderr;
  const tail = telling(log.trim().split('\n')).map((line) => `| ${line}`);
  throw new AotError(
    'failed',
    [`cannot build kernel module '${name}/${version}' for kernel '${kver}': dkms ended with ${exitCode}`, ...tail].join(
      '\n',
    ),
    {
      code: 'module-build',
      hint: 'leave the package out, or take a version of it that is for this kernel',
    },
  );
}

/** From the first error on; what make says after the last is of less use. */
function telling(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex((line) => /\berror: /i.test(line));
  return first < 0 ? lines.slice(-LINES) : lines.slice(first, first + LINES);
}

/** The log has the time of the build in it. */
function filesOf(tree: Tree): Built {
  const files = [...tree.walk('')].filter(({ path, stat }) => stat.isFile() && !/^[^/]+\/log\//.test(path));
  return Object.fromEntries(files.map(({ path }) => [path, (tree.readBytes(path) as Buffer).toString('base64')]));
}
