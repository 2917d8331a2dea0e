import { automaticPolicy } from '../automatic-policy.ts';
import { readDriver, stateOf } from '../driver/driver.ts';
import { AUTOMATIC, automaticRow, TIMER } from './automatic.ts';
import { BOOT_COMPLETE, finalizeFailure } from './finalize-failure.ts';
import { showUnits } from './units.ts';

/** What is to know of the system that runs, beside its deployments: who updates it, and whether the last shutdown could. */
export async function headerText(verbose: boolean): Promise<string> {
  const units = await showUnits([TIMER, AUTOMATIC, BOOT_COMPLETE]);
  const row = automaticRow(automaticPolicy(), units, Number(process.hrtime.bigint() / 1000n), verbose);
  const updates = (await driverText(verbose)) ?? (row === undefined ? '' : `${row}\n`);
  return `${updates}${await finalizeFailure(units.get(BOOT_COMPLETE))}`;
}

/** Undefined where nobody registered to drive the updates. */
async function driverText(verbose: boolean): Promise<string | undefined> {
  const driver = readDriver();
  if (driver === undefined) return undefined;
  const { 'driver-name': name, 'driver-sd-unit': unit } = driver;
  return `AutomaticUpdatesDriver: ${name}${verbose ? ` (${unit})` : ''}\n  DriverState: ${await stateOf(unit)}\n`;
}
