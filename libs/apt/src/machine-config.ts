import { run } from '@apt-ostree/run';

/** Ours to decide, or of no use in a private root. */
const NOT_TAKEN =
  /^Acquire::(IndexTargets|Languages|GzipIndexes|Changelogs|cdrom|AllowInsecure|AllowWeak|AllowDowngrade)/i;

/**
 * The machine's global Acquire options as lines of an apt.conf: proxies, time-outs, Check-Valid-Until, TLS. They may hold
 * passwords of proxies, so they only ever go into a file that others cannot read.
 */
export async function machineAcquireOptions(): Promise<string[]> {
  const { stdout } = await run('apt-config', ['dump'], { what: "cannot read the machine's apt configuration" });
  return stdout.split('\n').filter((line) => /^Acquire::[^"]+ ".+";$/.test(line) && !NOT_TAKEN.test(line));
}
