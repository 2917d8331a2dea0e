import { rmSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { AotError, explain } from '@apt-ostree/errors';
import type { Sysroot } from '@apt-ostree/host';
import { cachePaths } from '@apt-ostree/manifest';
import { isHere } from '../../container/here.ts';
import { changing } from '../change/target.ts';
import { deployWith } from '../deploy-with.ts';
import { hostCache } from '../host-cache.ts';
import { tidy } from '../layer/deploy-layer.ts';
import type { CleanupArgs } from './command.ts';

const OF_DEPLOYMENTS = ['base', 'pending', 'rollback'] as const;

/** `cleanup`: removes deployments and files that nobody needs. */
export async function cleanup(args: CleanupArgs, context: Context): Promise<string | undefined> {
  const wanted = OF_DEPLOYMENTS.filter((name) => args[name]);
  if (wanted.length === 0 && !args.repomd)
    throw new AotError('usage', 'cleanup: At least one cleanup option must be specified', {
      hint: '--base, --pending, --rollback, --repomd',
    });
  if (isHere(args)) return (await import('../../container/clean.ts')).cleanHere(wanted);
  return changing(args, context, async ({ sysroot, stateroot }) => {
    if (args.repomd) removeIndices(sysroot);
    if (wanted.length === 0) return undefined;
    const options = [`--stateroot=${stateroot}`, ...wanted.map((name) => `--${name}`)];
    const made = await deployWith(context, sysroot, ['cleanup', ...options]);
    await tidy(sysroot.path);
    const left = new Set(made.deployments.map((d) => d.id));
    const removed = sysroot.deployments.filter((d) => !left.has(d.id));
    if (removed.length === 0) return 'Deployments unchanged.\n';
    return removed.map((d) => `Removed deployment '${d.id}'\n`).join('');
  });
}

/** What apt knows of its archives, and what was solved with it: made again when it is needed. */
function removeIndices(sysroot: Sysroot): void {
  const { apt, solutions } = cachePaths(hostCache(sysroot));
  for (const path of [apt, solutions]) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      throw explain(error, `cannot remove '${path}'`);
    }
  }
}
