import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { type Deployment, freeBytes, megabytes, mergeDeployment, type Sysroot } from '@apt-ostree/host';
import { type BootFile, bootFiles } from './boot-files.ts';
import { missingBytes } from './missing-bytes.ts';

interface Wanted {
  stateroot: string;
  commit: string;
  /** The repository that the commit is taken from; undefined where the sysroot has it. */
  from: string | undefined;
  /** No other deployment goes. */
  retain: boolean;
}

/** Directories, the boot entry and the boot loader's menu, beside what is counted. */
const REST = 1024 * 1024;

/**
 * Makes sure that a deployment fits, before anything is written.
 * @throws AotError `data` for a commit that cannot boot, `io` for a file system that is too full
 */
export async function checkRoom(sysroot: Sysroot, wanted: Wanted): Promise<void> {
  const files = await bootFiles(wanted.from ?? sysroot.repo, wanted.commit);
  const copied = await bytesForBoot(sysroot, wanted, files);
  const boot = join(sysroot.path, 'boot');
  await checkRoot(sysroot, wanted, statSync(boot).dev === statSync(sysroot.repo).dev ? copied : 0);
}

/**
 * Kernel and initramfs are copied to /boot, once for all deployments of a stateroot that have the same.
 * @returns how much is copied at most
 */
async function bytesForBoot(sysroot: Sysroot, wanted: Wanted, files: readonly BootFile[]): Promise<number> {
  const boot = join(sysroot.path, 'boot');
  const needed = total(files.map((f) => f.size)) + REST;
  const free = freeBytes(boot);
  if (free >= 4 * needed) return needed;
  if (await isThere(sysroot, wanted.stateroot, files)) return 0;
  const goes = total(bootDirectoriesThatGo(sysroot, wanted).map(sizeOf));
  if (free + goes >= needed) return Math.max(needed - goes, 0); // libostree then removes those first
  const names = files.map((f) => f.name).join(' and ');
  throw new AotError(
    'io',
    `cannot deploy '${wanted.commit}': ${names} need ${megabytes(needed)} on '${boot}', ${megabytes(free)} are free`,
    {
      code: 'boot-full',
      hint: "free some space; 'aot-deploy cleanup --rollback' removes what an older deployment keeps there",
    },
  );
}

async function isThere(sysroot: Sysroot, stateroot: string, files: readonly BootFile[]): Promise<boolean> {
  const wanted = key(files);
  for (const d of sysroot.deployments) {
    if (d.staged || d.stateroot !== stateroot) continue;
    if (key(await bootFiles(sysroot.repo, d.checksum)) === wanted) return true;
  }
  return false;
}

const key = (files: readonly BootFile[]): string => files.map((f) => f.checksum).join(' ');

/** Those of deployments that make room for the new one, where no other deployment needs them. */
function bootDirectoriesThatGo(sysroot: Sysroot, { stateroot, retain }: Wanted): string[] {
  const merge = mergeDeployment(sysroot, stateroot);
  const written = sysroot.deployments.filter((d) => !d.staged);
  const stays = (d: Deployment) => retain || d.booted || d.pinned || d.id === merge?.id || d.stateroot !== stateroot;
  const directory = (d: Deployment) => join(sysroot.path, 'boot/ostree', `${d.stateroot}-${d.bootChecksum}`);
  const kept = new Set(written.filter(stays).map(directory));
  return [...new Set(written.filter((d) => !stays(d)).map(directory))].filter((path) => !kept.has(path));
}

function sizeOf(directory: string): number {
  if (!existsSync(directory)) return 0;
  return total(readdirSync(directory).map((name) => statSync(join(directory, name)).size));
}

/** A deployment is made of hardlinks to the repository, but for its own /etc. */
async function checkRoot(sysroot: Sysroot, wanted: Wanted, boot: number): Promise<void> {
  const merge = mergeDeployment(sysroot, wanted.stateroot);
  const etc = merge === undefined ? 0 : treeSize(join(sysroot.path, merge.path, 'etc'));
  const objects = wanted.from === undefined ? 0 : await missingBytes(wanted.from, wanted.commit, sysroot.repo);
  const needed = etc + objects + boot + REST;
  const free = freeBytes(sysroot.repo);
  if (free >= needed) return;
  throw new AotError(
    'io',
    `cannot deploy '${wanted.commit}': it needs ${megabytes(needed)} on '${sysroot.path}', ${megabytes(free)} are free`,
    {
      code: 'root-full',
      hint: "free some space; 'aot-deploy cleanup --base --rollback' removes what older deployments keep",
    },
  );
}

function treeSize(directory: string): number {
  if (!existsSync(directory)) return 0;
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  return total(files.map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0)) + entries.length * 4096;
}

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
