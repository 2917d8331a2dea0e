import { reachRunning } from './reach.ts';

/** What the daemon does: method, who asked, object; undefined where it does nothing, or does not run. */
export async function activeTransaction(sysroot: string): Promise<string[] | undefined> {
  const daemon = await reachRunning(sysroot);
  if (daemon === undefined) return undefined;
  try {
    const active = (await daemon.property('ActiveTransaction')) as string[];
    return active[0] === '' ? undefined : active;
  } finally {
    daemon.bus.connection.destroy();
  }
}
