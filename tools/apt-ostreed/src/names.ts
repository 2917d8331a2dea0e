import { DbusError } from '@apt-ostree/dbus';
import { BUS_NAME } from '@apt-ostree/host';

export const pathOf = (name: string): string => `/${name.replaceAll('.', '/')}`;

/** An object path keeps letters, digits and `_` only: `/` and `-` become `_`, all else `_` and its number. */
export const mangle = (stateroot: string): string =>
  [...Buffer.from(stateroot)]
    .map((byte) => {
      const c = String.fromCharCode(byte);
      if (/[A-Za-z0-9_]/.test(c)) return c;
      return c === '/' || c === '-' ? '_' : `_${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

export type ErrorName = 'Failed' | 'NotAuthorized' | 'LayeringLocked' | 'UpdateInProgress' | 'NotInThisVersion';

export const failure = (name: ErrorName, text: string): DbusError => new DbusError(`${BUS_NAME}.Error.${name}`, text);

export const notYet = (what: string): DbusError => failure('NotInThisVersion', `not in this version: ${what}`);
