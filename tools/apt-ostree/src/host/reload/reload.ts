import { requireHost } from '@apt-ostree/host';
import { CONFIGURATION, configuredStages } from '@apt-ostree/pipeline';
import { reachRunning, SYSROOT } from '../daemon/reach.ts';
import type { ReloadArgs } from './command.ts';

/** `reload`: the daemon, if it runs, reads the configuration again; the file is checked in any case. */
export async function reload(args: ReloadArgs): Promise<string | undefined> {
  const daemon = await reachRunning(args.sysroot);
  if (daemon === undefined) requireHost(args.sysroot);
  configuredStages();
  if (daemon === undefined) return `No daemon to reload: every command reads '${CONFIGURATION}' when it starts.\n`;
  try {
    await daemon.call(SYSROOT, 'Sysroot', 'ReloadConfig');
  } finally {
    daemon.bus.connection.destroy();
  }
  return undefined;
}
