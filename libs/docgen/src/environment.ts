import { bold, item, text } from './roff.ts';

const COMMON: Record<string, string> = {
  AOT_DEBUG: 'With 1, every command that is run is printed with its time.',
  AOT_TRACE: 'A file to which spans of time are appended, in the Chrome trace format.',
  SOURCE_DATE_EPOCH: 'The clock of a compose, seconds since the epoch; without it, the newest index date of the lock.',
  XDG_CACHE_HOME: 'Where the cache of an ordinary user is, without --cachedir.',
};

const PORCELAIN: Record<string, string> = {
  AOT_EXEC_PATH: 'Directories whose aot-* programs stand in the place of our own stages.',
  APT_OSTREE_DIRECT: 'With 1, the work is done without asking the daemon for it.',
  DBUS_SYSTEM_BUS_ADDRESS:
    "The system's bus, on which the daemon is looked for; /run/dbus/system_bus_socket without it.",
  ...COMMON,
};

/** The variables that matter, by name. */
export const environment = (porcelain: boolean): string =>
  Object.entries(porcelain ? PORCELAIN : COMMON)
    .map(([name, what]) => item(bold(name), text(what)))
    .join('');
