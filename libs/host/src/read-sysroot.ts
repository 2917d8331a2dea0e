import { existsSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AotError, explain, isAotError } from '@apt-ostree/errors';
import { type BootEntry, bootEntries } from './boot-entries.ts';
import { findBooted } from './booted.ts';
import type { Damage, Deployment, Sysroot } from './deployment.ts';
import { emptyOrigin, isPinned, parseOrigin } from './parse-origin.ts';
import { isLocked, RUN, readStaged, type Staged } from './staged.ts';

/**
 * Reads what a sysroot boots, as libostree does: the boot loader's entries by version, the deployments that they name, the
 * one that is staged. Nothing is run and nothing is written. A deployment that cannot be used is listed with its damage:
 * the others can be shown, and libostree changes none of them (`requireSound`).
 * @throws AotError `noInput` when it is no sysroot, `data` with the file that cannot be used
 */
export async function readSysroot(path = '/'): Promise<Sysroot> {
  const repo = join(path, 'ostree/repo');
  if (!existsSync(join(path, 'ostree/deploy')) || !existsSync(join(repo, 'config'))) throw notSysroot(path);
  const here = findBooted(path);
  const listed = bootEntries(path).map((entry) => fromEntry(path, entry));
  const staged = here === undefined ? undefined : readStaged();
  const all = [...(staged === undefined ? [] : [fromStaged(path, staged, listed)]), ...listed];
  const deployments = all.map((d, index) => ({ ...d, index, booted: here?.isIt(join(path, d.path)) ?? false }));
  const booted = deployments.find((d) => d.booted);
  return { path, repo, isBooted: booted !== undefined, deployments, booted };
}

type Found = Omit<Deployment, 'index' | 'booted'>;

/** An entry's `ostree=` is a link below `ostree/boot.N` that leads to the deployment. */
function fromEntry(path: string, entry: BootEntry): Found {
  const [, stateroot = '', bootChecksum = ''] = /^\/ostree\/boot\.[01]\/([^/]+)\/([^/]+)\/\d+$/.exec(entry.link) ?? [];
  if (stateroot === '') {
    throw new AotError('data', `cannot use '${entry.file}': 'ostree=${entry.link}' names no deployment`);
  }
  const link = join(path, entry.link);
  let target: string;
  try {
    target = readlinkSync(link);
  } catch (error) {
    throw explain(error, `cannot read '${link}', which '${entry.file}' names`);
  }
  return deployment(path, stateroot, basename(target), bootChecksum, entry.kernelArguments, undefined);
}

/** Finalizing takes the kernel arguments of the merge deployment where none were given. */
function fromStaged(path: string, staged: Staged, listed: readonly Found[]): Found {
  const { stateroot, name, bootChecksum, merge } = staged;
  const before = listed.find((d) => d.stateroot === stateroot && `${d.checksum}.${d.serial}` === merge);
  const kernelArguments = staged.kernelArguments ?? before?.kernelArguments ?? [];
  return deployment(path, stateroot, name, bootChecksum, kernelArguments, { locked: isLocked(staged) });
}

function deployment(
  path: string,
  stateroot: string,
  name: string,
  bootChecksum: string,
  kernelArguments: string[],
  staged: { locked: boolean } | undefined,
): Found {
  const [, checksum = '', serial = ''] = /^([0-9a-f]{64})\.(\d+)$/.exec(name) ?? [];
  const below = `ostree/deploy/${stateroot}/deploy/${name}`;
  if (checksum === '') throw new AotError('data', `cannot use the deployment '${join(path, below)}': it has no number`);
  const { origin, damage } = directory(join(path, below))
    ? readOrigin(join(path, `${below}.origin`))
    : { origin: emptyOrigin(), damage: removed(join(path, below)) };
  return {
    id: `${stateroot}-${name}`,
    stateroot,
    checksum,
    serial: Number(serial),
    staged: staged !== undefined,
    finalizationLocked: staged?.locked ?? false,
    pinned: isPinned(origin),
    unlocked: unlocked(name, origin.rest.origin?.unlocked),
    bootChecksum,
    kernelArguments,
    path: below,
    origin,
    damage,
  };
}

/** Libostree too does with none: its deployment comes from nowhere. */
function readOrigin(file: string): Pick<Deployment, 'origin' | 'damage'> {
  try {
    return { origin: parseOrigin(readFileSync(file, 'utf8'), file), damage: undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { origin: emptyOrigin(), damage: undefined };
    if (!isAotError(error)) throw explain(error, `cannot read '${file}'`);
    return { origin: emptyOrigin(), damage: corrupt(error.message) };
  }
}

/** A hotfix is written in the origin; what ends with the boot is marked in /run. */
function unlocked(name: string, inOrigin: string | undefined): Deployment['unlocked'] {
  const marks = join(RUN, 'deployment-state', name);
  if (existsSync(join(marks, 'unlocked-development'))) return 'development';
  if (existsSync(join(marks, 'unlocked-transient'))) return 'transient';
  return inOrigin === 'hotfix' || inOrigin === 'development' || inOrigin === 'transient' ? inOrigin : 'none';
}

const directory = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const removed = (path: string): Damage => ({
  message: `cannot find the deployment '${path}', which the boot loader offers`,
  hint: "it was removed by hand: 'ostree admin undeploy' would have removed its boot entry too; remove that from boot/loader/entries",
});

const corrupt = (message: string): Damage => ({
  message,
  hint: "write '[origin]' and 'refspec=REMOTE:BRANCH' into it, or remove it: the deployment then comes from nowhere, and 'apt-ostree rebase' gives the next one a branch",
});

/**
 * Makes sure that every deployment can be used, before any of them is changed: libostree would refuse, in other words.
 * @throws AotError `data` with the first that is damaged
 */
export function requireSound({ deployments }: Sysroot): void {
  const damage = deployments.find((d) => d.damage !== undefined)?.damage;
  if (damage !== undefined)
    throw new AotError('data', damage.message, { code: 'damaged-deployment', hint: damage.hint });
}

const notSysroot = (path: string) =>
  new AotError('noInput', `cannot use '${path}': it is no sysroot`, {
    code: 'no-sysroot',
    hint: "name one with --sysroot; 'aot-deploy init' makes one",
  });
