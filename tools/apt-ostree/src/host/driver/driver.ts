import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { isUnit, unitOf } from '@apt-ostree/host';
import { replaceFile, run } from '@apt-ostree/run';

/** Who drives the updates until the reboot. */
const FILE = '/run/apt-ostree/update-driver.json';

/** With rpm-ostree's members. */
export interface Driver {
  'driver-name': string;
  'driver-sd-unit': string;
}

/** Undefined where nobody registered. */
export function readDriver(): Driver | undefined {
  try {
    const { 'driver-name': name, 'driver-sd-unit': unit } = JSON.parse(readFileSync(FILE, 'utf8'));
    if (typeof name === 'string' && isUnit(unit)) return { 'driver-name': name, 'driver-sd-unit': unit };
  } catch {
    // nobody, or somebody wrote something else there
  }
  return undefined;
}

/**
 * `deploy --register-driver`: the unit that asks for it drives the updates from now on.
 * @param unit of whom the daemon was asked by; our own without it
 */
export function registerDriver(name: string, unit = unitOf('self')): string {
  if (!/^[\w .:@-]{1,100}$/.test(name))
    throw new AotError('usage', `option '--register-driver' cannot be '${name.slice(0, 100)}'`);
  if (!isUnit(unit))
    throw new AotError('failed', `cannot register '${name}' as the update driver: it runs in no unit of systemd`, {
      hint: 'what drives the updates is a service: it registers itself',
    });
  mkdirSync(dirname(FILE), { recursive: true });
  replaceFile(FILE, JSON.stringify({ 'driver-name': name, 'driver-sd-unit': unit }));
  return `${name} (${unit}) drives the updates.\n`;
}

/** A change of the base is the driver's, as long as its unit is active; the driver's own are not stopped. */
export async function refuseDriven(bypass: boolean, context: Context): Promise<void> {
  const driver = bypass ? undefined : readDriver();
  if (driver === undefined || unitOf('self') === driver['driver-sd-unit']) return;
  const { 'driver-name': name, 'driver-sd-unit': unit } = driver;
  if ((await stateOf(unit, context.signal)) !== 'active') return;
  throw new AotError('failed', `Updates and deployments are driven by ${name} (${unit})`, {
    code: 'driven',
    hint: `see ${name}'s documentation; --bypass-driver goes on without it`,
  });
}

/** As systemd has it: `active`, `inactive`, `failed`; `unknown` without systemd. */
export async function stateOf(unit: string, signal?: AbortSignal): Promise<string> {
  try {
    const { stdout } = await run('systemctl', ['is-active', '--', unit], {
      ...{ ok: 'any', ...(signal === undefined ? {} : { signal }) },
    });
    return stdout.trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
