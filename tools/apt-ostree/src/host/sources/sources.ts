import { enableSource, listedSources } from '@apt-ostree/apt';
import type { Context } from '@apt-ostree/cli';
import { readSysroot, requireHost } from '@apt-ostree/host';
import { refuseBoth } from '../change/refuse.ts';
import { changing, targetOf } from '../change/target.ts';
import { systemOf } from '../layer/layer.ts';
import type { SourcesArgs } from './command.ts';

/** `ex sources`: which entries /etc/apt has, and whether they count. */
export async function sources(args: SourcesArgs, context: Context): Promise<string> {
  refuseBoth(args, 'enable', 'disable');
  requireHost(args.sysroot);
  const id = args.enable ?? args.disable;
  if (id !== undefined)
    return changing(args, context, async (target) => {
      const state = args.enable === undefined ? 'disabled' : 'enabled';
      return enableSource(systemOf(target), id, args.enable !== undefined) ? `${id}: ${state}\n` : 'No change.\n';
    });
  return `${JSON.stringify(listedSources(systemOf(targetOf(await readSysroot(args.sysroot), args.stateroot))))}\n`;
}
