import { requireHost } from '@apt-ostree/host';
import { CONFIGURATION, configuredStages } from '@apt-ostree/pipeline';
import type { ReloadArgs } from './command.ts';

/** `reload`: nobody holds the configuration in memory; what can be done is to check it. */
export async function reload(args: ReloadArgs): Promise<string> {
  requireHost(args.sysroot);
  configuredStages();
  return `No daemon to reload: every command reads '${CONFIGURATION}' when it starts.\n`;
}
