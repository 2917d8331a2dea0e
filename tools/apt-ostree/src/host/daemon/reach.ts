import { existsSync } from 'node:fs';
import type { Context } from '@apt-ostree/cli';
import { type Bus, connectBus } from '@apt-ostree/dbus';
import { isAotError } from '@apt-ostree/errors';
import { BUS_NAME } from '@apt-ostree/host';
import { explainDbus } from './explain-dbus.ts';
import { inOneLine, isNotStarted, isUnknown, startDaemon } from './start.ts';

const ROOT = `/${BUS_NAME.replaceAll('.', '/')}`;

/** The daemon on the bus. */
export class Daemon {
  readonly bus: Bus;

  constructor(bus: Bus) {
    this.bus = bus;
  }

  /** Calls a method of an interface of ours; an error reply is thrown as an error of ours. */
  async call(
    path: string,
    name: string,
    member: string,
    signature = '',
    body: readonly unknown[] = [],
  ): Promise<unknown[]> {
    const where = { destination: BUS_NAME, path, interface: `${BUS_NAME}.${name}`, member };
    try {
      return await this.bus.connection.call({ ...where, signature, body, interactive: true });
    } catch (error) {
      throw explainDbus(error);
    }
  }

  /** The object of a stateroot: the booted one's, unless said. */
  async osPath(stateroot = ''): Promise<string> {
    return (await this.call(SYSROOT, 'Sysroot', 'GetOS', 's', [stateroot]))[0] as string;
  }

  async property(name: string): Promise<unknown> {
    const where = { destination: BUS_NAME, path: SYSROOT, interface: 'org.freedesktop.DBus.Properties', member: 'Get' };
    const [value] = await this.bus.connection.call({ ...where, signature: 'ss', body: [`${BUS_NAME}.Sysroot`, name] });
    return (value as { value: unknown }).value;
  }
}

export const SYSROOT = `${ROOT}/Sysroot`;

/**
 * The daemon of the system that runs; the bus starts it. Undefined for another sysroot: that is nobody's.
 * @throws where there should be one and is none
 */
export async function reach(sysroot: string, context: Context): Promise<Daemon | undefined> {
  if (!isSystem(sysroot)) return undefined;
  const bus = await connectBus();
  try {
    if ((await bus.ownerOf(BUS_NAME)) === undefined) await startDaemon(bus, context);
    return new Daemon(bus);
  } catch (error) {
    bus.connection.destroy();
    throw error;
  }
}

/** The daemon if it runs; it is not started. */
export async function reachRunning(sysroot: string): Promise<Daemon | undefined> {
  if (!isSystem(sysroot) || process.env['APT_OSTREE_DIRECT'] === '1') return undefined;
  let bus: Bus;
  try {
    bus = await connectBus();
  } catch {
    return undefined;
  }
  if ((await bus.ownerOf(BUS_NAME)) !== undefined) return new Daemon(bus);
  bus.connection.destroy();
  return undefined;
}

const isSystem = (sysroot: string): boolean => sysroot === '/' && existsSync('/run/ostree-booted');

/** In few words. */
export function whyNot(error: unknown): string {
  if (isAotError(error) && error.code === 'no-bus') return 'there is no bus';
  if (isNotStarted(error)) return inOneLine(error);
  if (isUnknown(error)) return 'it is not installed';
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
