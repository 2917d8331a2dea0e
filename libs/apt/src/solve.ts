import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explain } from '@apt-ostree/errors';
import type { PlanStep } from '@apt-ostree/manifest';
import { span, temporaryDirectory } from '@apt-ostree/run';
import { aptGet } from './apt-get.ts';
import { type Chosen, parseRemoved, parseUris } from './chosen.ts';
import { offeringMethods } from './offering-methods.ts';
import { formatPins, type Pin } from './pins.ts';
import { parsePlan } from './plan.ts';
import type { AptRoot } from './private-root.ts';
import { solveError } from './solve-error.ts';

export interface SolveRequest {
  /** What apt is asked to install, as in `vim`, `vim=2:9.1`, `vim/trixie-updates`, `libc6:i386`. */
  words: readonly string[];
  pins: readonly Pin[];
  recommends: boolean;
  /** apt's extended_states of packages that go when nothing needs them any more. */
  automatic?: string;
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
 * Lets apt solve, in one run that changes nothing: it asks for the archives, and is told that they are there
 * (`offeringMethods`), then says which dpkg calls would follow (`Debug::pkgDPkgPM`). Simulating with -s would take several
 * times as long. The caller holds the root's lock.
 * @throws AotError `failed` with every blocker, in apt's words
 */
export async function solve(root: AptRoot, request: SolveRequest, signal?: AbortSignal): Promise<Solution> {
  const scratch = await temporaryDirectory(resolve(request.tmp));
  try {
    const args = installArgs(root, scratch.path, request);
    const answer = await span('phase', 'solve', () => aptGet(root, args.words, signal));
    if (answer.exitCode !== 0) throw solveError(request, answer);
    const chosen = parseUris(readFileSync(args.chosen, 'utf8'));
    const plan = parsePlan(`${answer.stderr}\n${answer.stdout}`, chosen);
    return { chosen, removed: parseRemoved(answer.stdout), plan };
  } finally {
    await scratch.remove();
  }
}

/** @returns apt-get's arguments, and the file in which the archives that it asks for are written down */
function installArgs(
  root: AptRoot,
  scratch: string,
  { words, pins, recommends, automatic }: SolveRequest,
): { words: string[]; chosen: string } {
  const preferences = join(scratch, 'preferences');
  const methods = attempt(scratch, () => {
    writeFileSync(preferences, formatPins(pins));
    if (automatic !== undefined) writeFileSync(join(scratch, 'extended_states'), automatic);
    mkdirSync(join(scratch, 'archives/partial'), { recursive: true });
    return offeringMethods(join(scratch, 'methods'), root);
  });
  const all = [
    ...['install', '-y', '-q', '--allow-downgrades', '--allow-remove-essential'],
    ...['--allow-change-held-packages', '--ignore-hold'], // a solution that changes one is refused by name afterwards
    ...[recommends ? '--install-recommends' : '--no-install-recommends'],
    ...(automatic === undefined ? [] : ['--auto-remove']),
    ...['-o', `Dir::Etc::preferences=${preferences}`, '-o', `Dir::Cache::archives=${scratch}/archives`],
    ...['-o', `Dir::State::extended_states=${scratch}/extended_states`],
    // from some number of archives on apt names dpkg a directory; which option prevents that depends on its version
    ...['-o', 'dpkg::install::recursive=0', '-o', 'dpkg::install::recursive::minimum=1000000'],
    ...['-o', 'Debug::NoLocking=1', '-o', 'Debug::pkgDPkgPM=1', '-o', `Dir::Bin::Methods=${methods.directory}`],
    ...['-o', `Dir::Log=${scratch}`, '-o', 'Acquire::ForceHash=SHA256'],
    ...words,
  ];
  return { words: all, chosen: methods.chosen };
}

function attempt<T>(scratch: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(error, `cannot write to '${scratch}'`);
  }
}
