import { isDbusError } from '@apt-ostree/dbus';
import { AotError } from '@apt-ostree/errors';

/** An error of the bus as ours. */
export function explainDbus(error: unknown): unknown {
  if (!isDbusError(error)) return error;
  const name = error.dbusName.split('.').at(-1) ?? '';
  const code = name.replace(/(?<=.)[A-Z]/g, (c) => `-${c}`).toLowerCase();
  const hint = name === 'NotAuthorized' ? 'run it with sudo, or ask the administrator for a polkit rule' : undefined;
  return new AotError(name === 'UpdateInProgress' ? 'busy' : 'failed', error.message, { code, hint, cause: error });
}
