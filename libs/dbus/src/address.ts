import { AotError } from '@apt-ostree/errors';

/** Where the system's bus is, unless DBUS_SYSTEM_BUS_ADDRESS says otherwise. */
const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';

export const systemBusAddress = (): string => process.env['DBUS_SYSTEM_BUS_ADDRESS'] || SYSTEM_BUS;

/**
 * The socket that a server's address names: of several, the first one of a kind that we know.
 * @throws AotError `unavailable` where there is none
 */
export function socketPath(address: string): string {
  for (const one of address.split(';')) {
    const [, transport = '', rest = ''] = /^([a-z-]+):(.*)$/.exec(one) ?? [];
    const keys = new Map(rest.split(',').map((pair) => pair.split('=', 2) as [string, string]));
    const [path, abstract] = [keys.get('path'), keys.get('abstract')];
    if (transport !== 'unix') continue;
    if (path) return unescaped(path);
    if (abstract) return `\0${unescaped(abstract)}`;
  }
  throw new AotError('unavailable', `cannot use the D-Bus address '${address}'`, {
    hint: 'it must be of a socket, as in unix:path=/run/dbus/system_bus_socket',
  });
}

const unescaped = (text: string): string =>
  Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();

/** A path as an address. */
export const addressOf = (path: string): string => `unix:path=${[...Buffer.from(path)].map(escaped).join('')}`;

function escaped(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9_/.\\-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
}
