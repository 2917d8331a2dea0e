import { type Context, visible } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { type Deployment, readSysroot, requireHost, type Sysroot } from '@apt-ostree/host';
import type { ScriptRun } from '@apt-ostree/manifest';
import { baseCommit } from '../change/base-commit.ts';
import { withoutOwnInitramfs } from '../change/initramfs/derive.ts';
import { hostCache } from '../host-cache.ts';
import { scriptsOf } from '../layer/known.ts';
import { NOTICE } from '../notice.ts';
import type { ScriptsArgs } from './command.ts';

/** `ex scripts`: the script record of a layered deployment. */
export async function showScripts(args: ScriptsArgs, context: Context): Promise<string> {
  context.note(NOTICE);
  requireHost(args.sysroot, { root: false });
  const sysroot = await readSysroot(args.sysroot);
  const deployment = chosen(sysroot, args.deployment ?? '0');
  const record = recordOf(sysroot, deployment);
  if (args.verbose && process.geteuid?.() !== 0) context.note('only root can see what the scripts printed');
  if (args.json) return `${JSON.stringify(record, null, 1)}\n`;
  return visible(record.map((run) => scriptText(run) + (args.verbose ? outputText(run) : '')).join(''));
}

function chosen({ deployments }: Sysroot, word: string): Deployment {
  const found = /^\d{1,3}$/.test(word) ? deployments[Number(word)] : deployments.find((d) => d.checksum === word);
  if (found !== undefined) return found;
  throw new AotError('noInput', `cannot find the deployment '${word}'`, {
    hint: `there are deployments 0 to ${deployments.length - 1}, in the order of 'apt-ostree status'`,
  });
}

function recordOf(sysroot: Sysroot, deployment: Deployment): ScriptRun[] {
  const commit = withoutOwnInitramfs(sysroot.repo, deployment.checksum);
  if (baseCommit(sysroot, deployment) === commit)
    throw new AotError('noInput', `cannot show scripts of '${deployment.id}': nothing was layered here`, {
      code: 'no-record',
    });
  const record = scriptsOf(hostCache(sysroot), commit);
  if (record !== undefined) return record;
  throw new AotError('noInput', `cannot show scripts of '${deployment.id}': their record is gone`, {
    code: 'no-record',
  });
}

function scriptText(run: ScriptRun): string {
  const paths = (sign: string, list: readonly string[]) => list.map((path) => `  ${sign} ${path}\n`).join('');
  const calls = run.calls.map((c) => `  called ${[c.program, ...c.args].join(' ')}\n`).join('');
  const head = [run.package, run.script, ...(run.package === 'dpkg' ? [] : run.args)].join(' ');
  return `${head}: ended with ${run.exit}, ${Math.round(run.durationMs)} ms\n${calls}${paths('+', run.created)}${paths('~', run.changed)}${paths('-', run.removed)}`;
}

const outputText = ({ output }: ScriptRun): string =>
  (output?.split('\n') ?? []).map((line) => `  | ${line}\n`).join('');
