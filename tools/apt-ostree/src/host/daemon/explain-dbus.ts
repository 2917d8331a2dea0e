import { isDbusError } from '@apt-ostree/dbus';
import { AotError } from '@apt-ostree/errors';
import { layeringLocked } from '@apt-ostree/host';

const HINTS: Record<string, string | undefined> = {
  NotAuthorized: 'run it with sudo, or ask the administrator for a polkit rule',
  LayeringLocked: layeringLocked().hint,
};

/** An error of the bus as ours. */
export function explainDbus(error: unknown): unknown {
  if (!isDbusError(error)) return error;
  const name = error.dbusName.split('.').at(-1) ?? '';
  const code = name.replace(/(?<=.)[A-Z]/g, (c) => `-${c}`).toLowerCase();
  return new AotError(name === 'UpdateInProgress' ? 'busy' : 'failed', error.message, {
    code,
    hint: HINTS[name],
    cause: error,
  });
}
