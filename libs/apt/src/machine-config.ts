import { configDump } from './config-dump.ts';

/** Ours to decide, or of no use in a private root. */
const NOT_TAKEN =
  /^Acquire::(IndexTargets|Languages|GzipIndexes|Changelogs|cdrom|AllowInsecure|AllowWeak|AllowDowngrade)/i;

/**
 * The machine's global Acquire options as lines of an apt.conf: proxies, time-outs, Check-Valid-Until, TLS. They may hold
 * passwords of proxies, so they only ever go into a file that others cannot read.
 * @param system root of the system whose options count
 */
export async function machineAcquireOptions(system = '/'): Promise<string[]> {
  const dump = await configDump(system, { what: "cannot read the machine's apt configuration" });
  return dump.split('\n').filter((line) => /^Acquire::[^"]+ ".+";$/.test(line) && !NOT_TAKEN.test(line));
}
