import { existsSync, lstatSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Bind, openTreeSandbox } from '@apt-ostree/bwrap';
import { AotError } from '@apt-ostree/errors';
import type { RunResult } from '@apt-ostree/run';
import type { Source } from './source.ts';
import { takeCommit } from './take-commit.ts';

/** Files of the commit beside the sysroot that gets all of them, for running its programs. */
export interface DiskTree {
  path: string;
  /** The sysroot to be, whose repository has the commit already. */
  sysroot: string;
  /** The ID of os-release(5). */
  id: string;
  /** Runs one of the tree's programs; the tree stays as it is. */
  run(argv: readonly string[], options: InTree): Promise<RunResult>;
  /** Nothing runs in it any more. */
  close(): Promise<void>;
}

export interface InTree {
  what: string;
  binds?: Bind[];
  env?: Record<string, string>;
  input?: string;
}

/** What the tree must have for its deployment to boot, and whose package that is. */
const NEEDED = {
  'usr/bin/ostree': 'ostree',
  'usr/bin/grub-mkimage': 'grub-common',
  'usr/sbin/grub-mkconfig': 'grub2-common',
  'etc/grub.d/15_ostree': 'ostree-boot',
  'etc/default/grub': undefined,
} as const;

/**
 * Makes a repository with the commit for the new sysroot, and checks out, beside it, what its programs need.
 * The deployment is the work of the tree's own ostree then: the build machine's may be too old to know where Debian's GRUB
 * looks for kernels, and writes a menu that does not boot.
 */
export async function checkOutTree(source: Source, work: string, signal: AbortSignal): Promise<DiskTree> {
  const sysroot = join(work, 'sysroot');
  const path = join(work, 'tree');
  await takeCommit(source, join(sysroot, 'ostree/repo'), path, signal);
  if (existsSync(join(path, 'usr/etc'))) renameSync(join(path, 'usr/etc'), join(path, 'etc'));
  check(path);
  const sandbox = await openTreeSandbox(path);
  const { epoch } = source;
  return {
    path,
    sysroot,
    id: osId(path),
    run: (argv, { what, binds = [], env = {}, input }) =>
      sandbox.run(argv, { epoch, binds, env }, { what, signal, ...(input === undefined ? {} : { input }) }),
    close: () => sandbox.close(),
  };
}

function check(path: string): void {
  for (const [file, name] of Object.entries(NEEDED)) {
    if (lstatSync(join(path, file), { throwIfNoEntry: false }) !== undefined) continue; // a link is the tree's affair
    throw new AotError('data', `cannot make a disk: the commit has no '/${file}'`, {
      hint:
        name === undefined ? 'add one to the treefile, with add-files' : `add the package '${name}' to the treefile`,
    });
  }
}

function osId(path: string): string {
  const text = readFileSync(join(path, 'usr/lib/os-release'), 'utf8');
  return /^ID="?([A-Za-z0-9._-]+)"?$/m.exec(text)?.[1] ?? 'debian';
}
