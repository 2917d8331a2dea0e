import { type Bus, DbusError } from '@apt-ostree/dbus';

const MAX_CLIENTS = 256;

/** Clients that want the daemon to stay. */
export class Clients {
  readonly #bus: Bus;
  readonly #changed: () => void;
  readonly #unwatch = new Map<string, () => Promise<void>>();

  constructor(bus: Bus, changed: () => void) {
    this.#bus = bus;
    this.#changed = changed;
  }

  get count(): number {
    return this.#unwatch.size;
  }

  async register(sender: string, _id: string): Promise<void> {
    if (this.#unwatch.has(sender)) return;
    if (this.count >= MAX_CLIENTS)
      throw new DbusError('org.freedesktop.DBus.Error.LimitsExceeded', 'there are too many clients');
    this.#unwatch.set(sender, async () => {});
    this.#unwatch.set(sender, await this.#bus.watchOwner(sender, () => this.unregister(sender)));
    if ((await this.#bus.ownerOf(sender)) === undefined) this.unregister(sender);
    this.#changed();
  }

  unregister(sender: string): void {
    const unwatch = this.#unwatch.get(sender);
    if (unwatch === undefined) return;
    this.#unwatch.delete(sender);
    void unwatch().catch(() => {});
    this.#changed();
  }
}
