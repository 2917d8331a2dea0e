import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { run } from '@apt-ostree/run';
import { deployBase } from '../change/deploy-base.ts';
import { noteEtcConflicts } from '../change/etc.ts';
import { rebasedTo } from '../change/origins.ts';
import { packageReport, REBOOT_HINT } from '../change/report.ts';
import { changing } from '../change/target.ts';
import type { DeployFromSelfArgs } from './command.ts';

/** Where a container has the commit that it was made from. */
const OWN = '/ostree/repo';

/** `ex deploy-from-self`: the container deploys itself on the machine whose root it was given. */
export async function deployFromSelf(args: DeployFromSelfArgs, context: Context): Promise<string> {
  const commit = onlyCommit(OWN);
  return changing({ sysroot: args.target }, context, async (target) => {
    await run('ostree', ['pull-local', `--repo=${target.sysroot.repo}`, OWN, commit], {
      what: `cannot take commit '${commit}' over from '${OWN}'`,
    });
    noteEtcConflicts(target, commit, context);
    const custom = { url: undefined, description: 'deployed from a container' };
    const origin = rebasedTo(target.base.origin, commit, undefined, custom);
    await deployBase(target, { commit, origin, lockFinalization: false, retain: true }, context);
    if (args.reboot) await run('chroot', [args.target, 'systemctl', 'reboot'], { what: 'cannot reboot' });
    return `${packageReport(target, commit)}${args.reboot ? '' : REBOOT_HINT}`;
  });
}

/**
 * The one commit of a container.
 * @throws AotError `failed` where there is none, or where it is a host, which has several
 */
export function onlyCommit(repo: string): string {
  const objects = join(repo, 'objects');
  if (existsSync('/run/ostree-booted') || !existsSync(objects))
    throw new AotError('failed', 'cannot deploy from here: this is no container that was made from a commit', {
      hint: `such a container has it in '${OWN}'`,
    });
  const commits = readdirSync(objects).flatMap((start) =>
    readdirSync(join(objects, start)).flatMap((name) =>
      name.endsWith('.commit') ? [start + name.slice(0, -'.commit'.length)] : [],
    ),
  );
  const [only] = commits;
  if (only !== undefined && commits.length === 1) return only;
  throw new AotError('failed', `cannot deploy from here: '${repo}' has ${commits.length} commits, not one`);
}
