import { existsSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import {
  comparePackages,
  type Deployment,
  operation,
  pendingDeployment,
  readSysroot,
  requireHost,
  type Sysroot,
} from '@apt-ostree/host';
import { SWEEP_LINKS } from '@apt-ostree/layout';
import { hasCommit, readCommit, resolveRevision } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import { formatDifference } from '../change/difference.ts';
import { refuseBoth } from '../change/refuse.ts';
import { bringAbout } from './bring-about.ts';
import type { ApplyLiveArgs } from './command.ts';
import { refuseReplacement } from './refuse-replacement.ts';
import { concernedServices } from './services.ts';
import { type LiveState, readLive, writeLive } from './state.ts';
import { usrDifference } from './tree-difference.ts';

/** `apply-live`: what the next deployment has more appears in the running system. */
export async function applyLive(args: ApplyLiveArgs, context: Context): Promise<string> {
  refuseBoth(args, 'reset', 'target', 'allow-replacement');
  requireHost(args.sysroot);
  const what = ['apt-ostree', ...context.path.slice(1)].join(' ');
  return operation(await readSysroot(args.sysroot), { what, wait: false }, async () => {
    const sysroot = await readSysroot(args.sysroot); // it may have changed while we waited
    const booted = requireLocked(sysroot, args);
    const target = targetOf(sysroot, booted, args);
    return change(sysroot, booted, target, args['allow-replacement'], context);
  });
}

/** An overlay that somebody else asked for has changes that nobody knows. */
function requireLocked({ booted }: Sysroot, { sysroot }: ApplyLiveArgs): Deployment {
  if (booted === undefined)
    throw new AotError('failed', `cannot apply anything live: the sysroot '${sysroot}' is not the one that runs`);
  if (booted.unlocked === 'none' || readLive(booted) !== undefined) return booted;
  throw new AotError('failed', `apply-live is incompatible with unlock state: ${booted.unlocked}`, {
    code: 'unlocked',
    hint: 'a reboot ends that state',
  });
}

function targetOf(sysroot: Sysroot, booted: Deployment, args: ApplyLiveArgs): string {
  if (args.reset) return booted.checksum;
  if (args.target !== undefined) return resolveRevision(sysroot.repo, args.target);
  const pending = pendingDeployment(sysroot, booted.stateroot);
  if (pending !== undefined) return pending.checksum;
  throw new AotError('failed', 'No target commit specified and no pending deployment', { code: 'no-target' });
}

async function change(
  sysroot: Sysroot,
  booted: Deployment,
  target: string,
  replace: boolean,
  context: Context,
): Promise<string> {
  const before: LiveState = readLive(booted) ?? {
    deployment: booted.id,
    commit: booted.checksum,
    paths: [],
    directories: [],
    etc: [],
  };
  if (before.commit === target && before.inProgress === undefined) return 'No changes.\n';
  const from = hasCommit(sysroot.repo, before.commit) ? before.commit : booted.checksum;
  const step = usrDifference(sysroot.repo, from, target);
  // Back to what was booted nothing is lost that a program had when it was started.
  if (!replace && target !== booted.checksum) refuseReplacement(sysroot.repo, from, target, step);
  if (booted.unlocked === 'none') await unlock(before);
  await bringAbout({ sysroot, booted, before, target, replace }, context);
  await tellSystem(context);
  return report(sysroot, from, target, concernedServices(step));
}

/** What we know must be known before: a run that is broken off in between finds its own overlay. */
async function unlock(state: LiveState): Promise<void> {
  writeLive(state);
  await run('ostree', ['admin', 'unlock', '--transient'], { what: 'cannot mount an overlay over /usr' });
}

/** Users before the directories that belong to them; links that are of no use any more before what takes their place. */
async function tellSystem(context: Context): Promise<void> {
  const steps: [string, ...string[]][] = [
    ['systemd-sysusers'],
    ...(existsSync(`/${SWEEP_LINKS}`) ? [[`/${SWEEP_LINKS}`] as [string]] : []),
    ['systemd-tmpfiles', '--create', '--prefix=/run', '--prefix=/var'],
    ['systemctl', 'daemon-reload'],
  ];
  for (const [program, ...args] of steps) {
    const { exitCode, stderr } = await run(program, args, { ok: 'any', signal: context.signal });
    if (exitCode !== 0) context.warn(`'${[program, ...args].join(' ')}' ended with ${exitCode}: ${stderr.trim()}`);
  }
}

function report(sysroot: Sysroot, from: string, to: string, services: readonly string[]): string {
  const [before, after] = [readCommit(sysroot.repo, from).packages, readCommit(sysroot.repo, to).packages];
  const difference = before && after ? formatDifference(comparePackages(before, after)) : '';
  const concerned =
    services.length === 0
      ? ''
      : `Following services may need to be restarted:\n${services.map((name) => `  ${name}\n`).join('')}`;
  return `${difference}Successfully updated running filesystem tree.\n${concerned}`;
}
