import { systemBusAddress } from './address.ts';
import { connectPeer } from './connect.ts';
import type { Connection } from './connection.ts';
import { DbusError } from './dbus-error.ts';
import type { Message } from './message.ts';

const DAEMON = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
};

const DO_NOT_QUEUE = 4;
const PRIMARY_OWNER = 1;
const ALREADY_OWNER = 4;

/** A connection to a message bus. */
export class Bus {
  readonly connection: Connection;
  /** Ours on the bus: `:1.42`. */
  readonly name: string;
  readonly #watches = new Set<Watch>();

  constructor(connection: Connection, name: string) {
    this.connection = connection;
    this.name = name;
    connection.onSignal = (signal) => {
      for (const watch of [...this.#watches]) if (watch.matches(signal)) watch.listener(signal);
    };
  }

  /** Takes a well-known name; false where somebody else has it. */
  async own(name: string): Promise<boolean> {
    const [result] = await this.#ask('RequestName', 'su', [name, DO_NOT_QUEUE]);
    return result === PRIMARY_OWNER || result === ALREADY_OWNER;
  }

  async release(name: string): Promise<void> {
    await this.#ask('ReleaseName', 's', [name]);
  }

  /** The unique name that owns this one; undefined for nobody. */
  ownerOf(name: string): Promise<string | undefined> {
    return this.#about<string>('GetNameOwner', name);
  }

  /** The user of a connection; undefined where it is gone. */
  uidOf(name: string): Promise<number | undefined> {
    return this.#about<number>('GetConnectionUnixUser', name);
  }

  /** The process of a connection; undefined where it is gone, or in a namespace that the bus does not see into. */
  pidOf(name: string): Promise<number | undefined> {
    return this.#about<number>('GetConnectionUnixProcessID', name);
  }

  async #about<T>(method: string, name: string): Promise<T | undefined> {
    try {
      return (await this.#ask(method, 's', [name]))[0] as T;
    } catch (error) {
      if (isNobody(error)) return undefined;
      throw error;
    }
  }

  /**
   * Starts the service that provides a name, and waits until it runs.
   * @param timeout milliseconds; the bus itself may give up before
   * @throws DbusError where it does not start
   */
  async start(name: string, timeout: number): Promise<void> {
    await this.#ask('StartServiceByName', 'su', [name, 0], timeout);
  }

  /** Calls `listener` with each signal that a rule matches, until the function that is returned is called. */
  async watch(rule: Record<string, string>, listener: (signal: Message) => void): Promise<() => Promise<void>> {
    const text = ["type='signal'", ...Object.entries(rule).map(([key, value]) => `${key}='${value}'`)].join(',');
    const watch = { matches: (signal: Message) => matches(rule, signal), listener };
    this.#watches.add(watch);
    await this.#ask('AddMatch', 's', [text]);
    return async () => {
      this.#watches.delete(watch);
      if (this.connection.isOpen) await this.#ask('RemoveMatch', 's', [text]);
    };
  }

  /** Calls `gone` when a connection leaves the bus. */
  watchOwner(name: string, gone: () => void): Promise<() => Promise<void>> {
    const rule = { sender: DAEMON.destination, interface: DAEMON.interface, member: 'NameOwnerChanged', arg0: name };
    return this.watch(rule, ({ body }) => {
      if (body[2] === '') gone();
    });
  }

  #ask(member: string, signature: string, body: readonly unknown[], timeout?: number): Promise<unknown[]> {
    return this.connection.call({ ...DAEMON, member, signature, body, ...(timeout === undefined ? {} : { timeout }) });
  }
}

interface Watch {
  matches(signal: Message): boolean;
  listener(signal: Message): void;
}

function matches(rule: Record<string, string>, signal: Message): boolean {
  return Object.entries(rule).every(([key, value]) => {
    if (key === 'arg0') return signal.body[0] === value;
    // what comes from a well-known name carries the unique one; the bus has looked
    if (key === 'sender') return true;
    return (signal as unknown as Record<string, unknown>)[key] === value;
  });
}

const isNobody = (error: unknown): boolean =>
  error instanceof DbusError && /\.(NameHasNoOwner|UnixProcessIdUnknown)$/.test(error.dbusName);

/**
 * Connects to the system's bus, or another.
 * @throws AotError `unavailable` where there is none
 */
export async function connectBus(address = systemBusAddress()): Promise<Bus> {
  const connection = await connectPeer(address);
  const [name] = await connection.call({ ...DAEMON, member: 'Hello', timeout: 10_000 });
  return new Bus(connection, name as string);
}
