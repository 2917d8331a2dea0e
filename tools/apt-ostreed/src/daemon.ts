import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { type Bus, connectBus, Objects, systemBusAddress } from '@apt-ostree/dbus';
import { AotError } from '@apt-ostree/errors';
import {
  BUS_NAME,
  type Configuration,
  readConfiguration,
  readSysroot,
  recordTransaction,
  requireHost,
  unitOf,
} from '@apt-ostree/host';
import { run } from '@apt-ostree/run';
import { type Action, authorize, uidOf } from './authorize.ts';
import { Clients } from './clients.ts';
import type { DaemonArgs } from './command.ts';
import { Idle } from './idle.ts';
import { failure, mangle, pathOf } from './names.ts';
import { experimentalObject, osObject } from './os-object.ts';
import { packageWords } from './package-words.ts';
import type { Request } from './requests/request.ts';
import { readState, type State, watchSysroot } from './state.ts';
import { sysrootObject } from './sysroot-object.ts';
import type { Outcome, Transaction } from './transaction.ts';
import { Transactions } from './transactions.ts';
import { Uploads } from './uploads.ts';

/** Interfaces and their members, as they are installed for others to read. */
const XML = readFileSync(new URL('../data/org.aptostree1.xml', import.meta.url), 'utf8');

const CACHE = '/var/cache/apt-ostree';

/** Serves a sysroot on the bus until nobody needs it, or until a signal. */
export async function daemon(args: DaemonArgs, context: Context): Promise<undefined> {
  requireHost(args.sysroot);
  const configuration = readConfiguration(args.configuration);
  await readSysroot(args.sysroot); // one that is none is refused in few words
  const state = await readState(args.sysroot);
  const bus = await connectBus(systemBusAddress());
  const service = new Service(args, context, bus, configuration, state);
  try {
    await service.serve();
  } finally {
    bus.connection.destroy();
  }
  if (context.signal.aborted) throw context.signal.reason;
  return undefined;
}

/** What a bus name shows: the same objects, each under the names of that bus name. */
interface Face {
  name: string;
  root: string;
  objects: Objects;
}

/** What the objects have of the daemon. */
export class Service {
  configuration: Configuration;
  state: State;
  readonly clients: Clients;
  readonly transactions: Transactions;
  readonly uploads: Uploads;
  readonly #args: DaemonArgs;
  readonly #context: Context;
  readonly #bus: Bus;
  readonly #faces: Face[];
  readonly #idle: Idle;
  /** Of the sockets; it is ours alone. */
  readonly #directory = join(process.env['RUNTIME_DIRECTORY'] ?? '/run/apt-ostreed', randomBytes(8).toString('hex'));
  #end: () => void = () => {};
  #reading: Promise<void> | undefined;
  #stale = false;
  #status = '';
  readonly #notifySocket = takeNotifySocket();
  #telling: Promise<void> = Promise.resolve();

  constructor(args: DaemonArgs, context: Context, bus: Bus, configuration: Configuration, state: State) {
    this.#args = args;
    this.#context = context;
    this.#bus = bus;
    this.configuration = configuration;
    this.state = state;
    const names = [BUS_NAME, ...(args['also-name'] === undefined ? [] : [args['also-name']])];
    this.#faces = names.map((name) => ({
      name,
      root: pathOf(name),
      objects: new Objects(renamed(name), pathOf(name)),
    }));
    this.#idle = new Idle(
      () => this.transactions.current !== undefined || this.clients.count > 0,
      () => this.#end(),
    );
    this.clients = new Clients(bus, () => {
      this.#idle.touch();
      this.#tellStatus();
    });
    this.uploads = new Uploads(bus, this.#directory, join(process.env['CACHE_DIRECTORY'] ?? CACHE, 'uploads'));
    this.transactions = new Transactions(bus, this.#frame(names), () => this.#transactionsChanged());
  }

  /** Until it is idle, is told to end, or the bus is gone. */
  async serve(): Promise<void> {
    this.#export();
    this.#bus.connection.onCall = async (call, connection) => {
      this.#idle.touch();
      const face = this.#faces.find(({ root }) => call.path === root || call.path?.startsWith(`${root}/`));
      return (face ?? (this.#faces[0] as Face)).objects.handle(call, connection);
    };
    for (const { name } of this.#faces) if (!(await this.#bus.own(name))) throw alreadyOwned(name);
    this.uploads.close(); // what one before us left
    const watcher = watchSysroot(this.#args.sysroot, () => void this.reload().catch((error) => this.#complain(error)));
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
      this.#context.signal.addEventListener('abort', () => resolve());
    });
    this.#idle.seconds = this.configuration.idleExitTimeout;
    this.#tellStatus();
    await Promise.race([ended, this.#bus.connection.closed]);
    watcher.close();
    await this.#leave();
  }

  /** Who calls may do this, or an error says that not. */
  allow(sender: string | undefined, what: string, actions: readonly Action[]): Promise<void> {
    return authorize(this.#bus, sender, what, actions);
  }

  async allowRoot(sender: string | undefined, what: string): Promise<void> {
    if ((await uidOf(this.#bus, sender)) !== 0) throw failure('NotAuthorized', `'${what}' is for root only`);
  }

  /** The unit of systemd that a caller runs in. */
  async unitOf(sender: string | undefined): Promise<string | undefined> {
    const pid = sender === undefined ? undefined : await this.#bus.pidOf(sender);
    return pid === undefined ? undefined : unitOf(pid);
  }

  /** Opens the transaction of a change for whoever may make it. */
  async begin(request: Request, sender: string | undefined): Promise<Transaction> {
    await this.allow(sender, request.method, request.actions);
    if (request.rootOnly) await this.allowRoot(sender, `${request.method} with a path of this machine`);
    const uid = await uidOf(this.#bus, sender);
    return this.transactions.open(request, { name: sender as string, uid });
  }

  /** For its initiator, and those whom polkit lets. */
  async cancelFor(sender: string | undefined): Promise<void> {
    const { current } = this.transactions;
    if (current === undefined) throw failure('Failed', 'No active transaction.');
    if (current.caller.name !== sender) await this.allow(sender, 'CancelTransaction', ['cancel']);
    current.cancel();
  }

  reloadConfiguration(): void {
    try {
      this.configuration = readConfiguration(this.#args.configuration);
    } catch (error) {
      throw failure('Failed', (error as Error).message);
    }
    this.#idle.seconds = this.configuration.idleExitTimeout;
    this.#tellStatus();
  }

  /** Reads the sysroot again; what changes meanwhile is read once more. */
  async reload(): Promise<void> {
    this.#stale = true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The object of a stateroot below the root of a face; undefined for one that is not there. */
  pathOfOs(root: string, stateroot: string | undefined): string | undefined {
    return stateroot !== undefined && this.state.stateroots.includes(stateroot)
      ? `${root}/${own(stateroot)}`
      : undefined;
  }

  async #read(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      this.state = await readState(this.#args.sysroot);
    }
    this.#export();
    for (const { name, root, objects } of this.#faces) {
      objects.emitChanged(
        this.#bus.connection,
        `${root}/Sysroot`,
        `${name}.Sysroot`,
        'Booted',
        'Deployments',
        'AutomaticUpdatePolicy',
      );
      for (const stateroot of this.state.stateroots)
        objects.emitChanged(this.#bus.connection, `${root}/${own(stateroot)}`, `${name}.OS`, ...DEPLOYMENTS);
    }
  }

  /** One object for each stateroot, as they come and go. */
  #export(): void {
    for (const { name, root, objects } of this.#faces) {
      const wanted = this.state.stateroots.map((stateroot) => `${root}/${own(stateroot)}`);
      for (const path of objects.paths())
        if (path !== `${root}/Sysroot` && !wanted.includes(path)) objects.remove(path);
      objects.add(`${root}/Sysroot`, `${name}.Sysroot`, sysrootObject(this, root));
      for (const stateroot of this.state.stateroots) {
        objects.add(`${root}/${own(stateroot)}`, `${name}.OS`, osObject(this, stateroot));
        objects.add(`${root}/${own(stateroot)}`, `${name}.OSExperimental`, experimentalObject(this));
      }
    }
  }

  #frame(names: readonly string[]) {
    const xml = names.map(renamed).join('\n');
    return {
      where: ['--sysroot', this.#args.sysroot],
      directory: this.#directory,
      objects: () => new Objects(xml),
      reload: () => this.reload(),
      log: (text: string) => this.#context.note(text),
      interfaces: names.map((name) => `${name}.Transaction`),
    };
  }

  #transactionsChanged(): void {
    const { current } = this.transactions;
    const before = this.#defaultCommit();
    if (current)
      void current.ended
        .then((outcome) => this.#over(current, outcome, before))
        .catch((error) => this.#complain(error));
    for (const { name, root, objects } of this.#faces)
      objects.emitChanged(
        this.#bus.connection,
        `${root}/Sysroot`,
        `${name}.Sysroot`,
        'ActiveTransaction',
        'ActiveTransactionPath',
      );
    this.#idle.touch();
    this.#tellStatus();
  }

  async #over({ request, caller }: Transaction, outcome: Outcome, before: string | undefined): Promise<void> {
    if (!outcome.success) await this.reload();
    const after = this.#defaultCommit();
    await recordTransaction({
      title: request.title,
      method: request.method,
      agent: caller.name,
      uid: caller.uid,
      result: outcome.success ? 'done' : outcome.message,
      milliseconds: Math.round(outcome.duration),
      packages: packageWords(this.state.sysroot.repo, before, after),
      ...{ before, after },
    });
  }

  #defaultCommit(): string | undefined {
    return this.state.sysroot.deployments[0]?.checksum;
  }

  /** Gives the names back first, so that the next caller starts a new daemon. */
  async #leave(): Promise<void> {
    const { current } = this.transactions;
    current?.cancel();
    await current?.ended;
    this.uploads.close();
    rmSync(this.#directory, { recursive: true, force: true });
    if (!this.#bus.connection.isOpen) return;
    for (const { name } of this.#faces) await this.#bus.release(name).catch(() => {});
  }

  /** What `systemctl status` shows; one text after the other. */
  #tellStatus(): void {
    const text = this.#statusText();
    if (this.#notifySocket === undefined || text === this.#status) return;
    this.#status = text;
    const options = { env: { NOTIFY_SOCKET: this.#notifySocket }, ok: 'any' } as const;
    this.#telling = this.#telling.then(async () => {
      await run('systemd-notify', [`--status=${text}`], options).catch(() => {});
    });
  }

  #statusText(): string {
    const { current } = this.transactions;
    if (current) return current.request.title.slice(0, 200);
    if (this.clients.count > 0) return `clients=${this.clients.count}`;
    const { idleExitTimeout: seconds } = this.configuration;
    return seconds === 0 ? 'idle' : `idle; exits after ${seconds} seconds without calls`;
  }

  #complain(error: unknown): void {
    this.#context.warn(error instanceof Error ? error.message : String(error));
  }
}

const DEPLOYMENTS = [
  'BootedDeployment',
  'DefaultDeployment',
  'RollbackDeployment',
  'CachedUpdate',
  'HasCachedUpdateRpmDiff',
];

/** Systemd's, for the service's own words: what children of ours would tell is not about it. */
function takeNotifySocket(): string | undefined {
  const { NOTIFY_SOCKET } = process.env;
  delete process.env['NOTIFY_SOCKET'];
  return NOTIFY_SOCKET;
}

const renamed = (name: string): string => XML.replaceAll(`"${BUS_NAME}.`, `"${name}.`);

/** A stateroot's part of an object path; one of that name keeps clear of the object of the sysroot. */
const own = (stateroot: string): string => {
  const name = mangle(stateroot);
  return name === 'Sysroot' ? 'Sysroot_' : name;
};

const alreadyOwned = (name: string): AotError =>
  new AotError('busy', `cannot own '${name}' on the bus: another daemon does`, { code: 'name-taken' });
