import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { chooseStateroot, etcDifferences, mergeDeployment, readSysroot, requireHost } from '@apt-ostree/host';
import { NOTICE } from '../notice.ts';
import type { EtcDiffArgs } from './command.ts';

/** `ex etc-diff`: the local changes of /etc, a path on each line. */
export async function etcDiff(args: EtcDiffArgs, context: Context): Promise<string> {
  context.note(NOTICE);
  requireHost(args.sysroot); // shadow and its like are for root only
  const sysroot = await readSysroot(args.sysroot);
  const stateroot = chooseStateroot(sysroot, args.stateroot);
  const deployment = mergeDeployment(sysroot, stateroot);
  if (deployment === undefined)
    throw new AotError('failed', `cannot find a deployment of stateroot '${stateroot}' in '${sysroot.path}'`);
  const { added, modified, removed } = etcDifferences(sysroot, deployment);
  if (args.json) return `${JSON.stringify({ deployment: deployment.id, added, modified, removed }, null, 2)}\n`;
  const rows = [...mark('A', added), ...mark('M', modified), ...mark('D', removed)];
  return rows
    .sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([letter, path]) => `${letter} ${path}\n`)
    .join('');
}

const mark = (letter: string, paths: readonly string[]): [string, string][] => paths.map((path) => [letter, path]);
