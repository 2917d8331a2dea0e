import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explain } from '@apt-ostree/errors';
import { type PlanStep, packageId } from '@apt-ostree/manifest';
import { span, temporaryDirectory } from '@apt-ostree/run';
import { aptGet } from './apt-get.ts';
import { type Chosen, parseRemoved, parseUris } from './chosen.ts';
import { formatPins, type Pin } from './pins.ts';
import { parsePlan } from './plan.ts';
import type { AptRoot } from './private-root.ts';
import { solveError } from './solve-error.ts';

export interface SolveRequest {
  /** What apt is asked to install, as in `vim`, `vim=2:9.1`, `vim/trixie-updates`, `libc6:i386`. */
  words: readonly string[];
  pins: readonly Pin[];
  recommends: boolean;
  /** Where the temporary directory of the run is made. */
  tmp: string;
}

export interface Solution {
  chosen: Chosen[];
  /** Packages that are installed and would go; without their architecture where that is the system's own. */
  removed: string[];
  plan: PlanStep[];
}

/**
 * Lets apt solve, in two runs that change nothing: the first says what would be downloaded, the second, over empty files of
 * those sizes, which dpkg calls would follow (`Debug::pkgDPkgPM`). Simulating with -s would take several times as long.
 * The caller holds the root's lock.
 * @throws AotError `failed` with every blocker, in apt's words
 */
export async function solve(root: AptRoot, request: SolveRequest, signal?: AbortSignal): Promise<Solution> {
  const scratch = await temporaryDirectory(resolve(request.tmp));
  try {
    const args = installArgs(scratch.path, request);
    const first = await span('phase', 'solve', () => aptGet(root, ['--print-uris', ...args], signal));
    if (first.exitCode !== 0) throw solveError(request, first);
    const chosen = parseUris(first.stdout);
    const removed = parseRemoved(first.stdout);
    const single = onlyStep(chosen, removed);
    if (single !== undefined) return { chosen, removed, plan: single };
    placeholders(scratch.path, chosen);
    const second = await span('phase', 'order', () => aptGet(root, ['-o', 'Debug::pkgDPkgPM=1', ...args], signal));
    if (second.exitCode !== 0) throw solveError(request, second);
    return {
      chosen,
      removed,
      plan: parsePlan(`${second.stderr}\n${second.stdout}`, chosen),
    };
  } finally {
    await scratch.remove();
  }
}

function installArgs(scratch: string, { words, pins, recommends }: SolveRequest): string[] {
  const preferences = join(scratch, 'preferences');
  try {
    writeFileSync(preferences, formatPins(pins));
    mkdirSync(join(scratch, 'archives/partial'), { recursive: true });
  } catch (error) {
    throw explain(error, `cannot write to '${scratch}'`);
  }
  return [
    ...['install', '-y', '-q', '--allow-downgrades', '--allow-remove-essential', '--allow-change-held-packages'],
    ...[recommends ? '--install-recommends' : '--no-install-recommends'],
    ...['-o', `Dir::Etc::preferences=${preferences}`, '-o', `Dir::Cache::archives=${scratch}/archives`],
    ...['-o', `Dir::State::extended_states=${scratch}/extended_states`],
    // from some number of archives on apt names dpkg a directory; which option prevents that depends on its version
    ...['-o', 'dpkg::install::recursive=0', '-o', 'dpkg::install::recursive::minimum=1000000'],
    ...['-o', 'Debug::NoLocking=1'],
    ...['-o', `Dir::Log=${scratch}`, '-o', 'Acquire::ForceHash=SHA256'],
    ...words,
  ];
}

/** One new package leaves nothing to order, so that apt need not be asked again. */
function onlyStep(chosen: readonly Chosen[], removed: readonly string[]): PlanStep[] | undefined {
  const [only] = chosen;
  if (only === undefined || chosen.length > 1 || removed.length > 0) return undefined;
  const packages = [packageId(only)];
  return [
    { action: 'unpack', packages },
    { action: 'configure', packages },
  ];
}

/** apt takes an archive of the right size for one that it has downloaded and verified before. */
function placeholders(scratch: string, chosen: readonly Chosen[]): void {
  try {
    for (const { file, size } of chosen) {
      const fd = openSync(join(scratch, 'archives', file), 'wx', 0o600);
      ftruncateSync(fd, size);
      closeSync(fd);
    }
  } catch (error) {
    throw explain(error, `cannot write to '${scratch}'`);
  }
}
