import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, DbusError, type Objects, type PeerServer, servePeers } from '@apt-ostree/dbus';
import { EXIT } from '@apt-ostree/errors';
import { BUS_NAME } from '@apt-ostree/host';
import type { StageError } from '@apt-ostree/pipeline';
import { type Change, change, type Ending } from './apt-ostree.ts';
import { progressSignals } from './progress-signals.ts';
import type { Request } from './requests/request.ts';

/** Peers that do not leave after the end are let go then. */
const FAREWELL = 30_000;

/** Who asks for a change: the name on the bus, and the user. */
export interface Caller {
  name: string;
  uid: number;
}

export interface TransactionOptions {
  request: Request;
  /** The arguments that say on which sysroot. */
  where: readonly string[];
  caller: Caller;
  /** Where its sockets are. */
  directory: string;
  /** Makes the objects that its peers see. */
  objects: () => Objects;
  /** Called after a change, before its end is told: who hears of it finds the deployments as they are. */
  reload: () => Promise<void>;
  /** Tells the journal how far it is. */
  log: (text: string) => void;
  /** Interfaces under which its signals are sent. */
  interfaces: readonly string[];
}

/** What is told about an end. */
export interface Outcome extends Ending {
  success: boolean;
  message: string;
  /** Milliseconds from Start. */
  duration: number;
}

/**
 * A change on its way: its clients connect to a socket, subscribe by that, call Start and listen. The socket's name is known
 * to those only whom the daemon told it: they may cancel. Observers find another socket in a property of the bus.
 */
export class Transaction {
  readonly request: Request;
  readonly caller: Caller;
  /** Settles at the end. */
  readonly ended: Promise<Outcome>;
  readonly #options: TransactionOptions;
  readonly #signals: Objects;
  #settle: (outcome: Outcome) => void = () => {};
  #servers: PeerServer[] = [];
  #change: Change | undefined;
  #started = 0;
  #cancelled = false;
  #outcome: Outcome | undefined;

  private constructor(options: TransactionOptions) {
    this.#options = options;
    this.request = options.request;
    this.caller = options.caller;
    this.#signals = options.objects();
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  static async open(options: TransactionOptions): Promise<Transaction> {
    const transaction = new Transaction(options);
    mkdirSync(options.directory, { recursive: true, mode: 0o711 }); // it cannot be listed
    await transaction.#serve(true);
    await transaction.#serve(false);
    return transaction;
  }

  /** For who asked for it. */
  get address(): string {
    return this.#servers[0]?.address ?? '';
  }

  /** For who only looks on. */
  get observerAddress(): string {
    return this.#servers[1]?.address ?? '';
  }

  get hasStarted(): boolean {
    return this.#started > 0;
  }

  get isOver(): boolean {
    return this.#outcome !== undefined;
  }

  /** Before Start there is nothing to take back. */
  cancel(): void {
    if (this.isOver) return;
    this.#cancelled = true;
    if (this.#change) this.#change.cancel();
    else this.#finish({ code: 1, error: undefined });
  }

  async #serve(mayAct: boolean): Promise<void> {
    const path = join(this.#options.directory, randomBytes(16).toString('hex'));
    this.#servers.push(await servePeers(path, (peer) => this.#greet(peer, mayAct)));
  }

  #greet(peer: Connection, mayAct: boolean): void {
    const objects = this.#options.objects();
    const implementation = {
      methods: {
        Start: () => [this.#start(peer, mayAct)],
        Cancel: () => {
          if (!mayAct)
            throw new DbusError(
              'org.freedesktop.DBus.Error.AccessDenied',
              'only who asked for the change may cancel it here',
            );
          this.cancel();
          return [];
        },
      },
      properties: { Title: () => this.request.title, InitiatingClientDescription: () => this.caller.name },
    };
    for (const name of this.#options.interfaces) objects.add('/', name, implementation);
    peer.onCall = (call, connection) => objects.handle(call, connection);
  }

  /** False for who finds it under way; who comes too late hears the end. */
  #start(peer: Connection, mayAct: boolean): boolean {
    if (this.#outcome) {
      const outcome = this.#outcome;
      setImmediate(() => this.#tellEnd([peer], outcome));
      return false;
    }
    if (this.hasStarted || !mayAct) return false;
    this.#started = performance.now();
    setImmediate(() => this.#run()); // the reply goes first
    return true;
  }

  #run(): void {
    if (this.isOver) return;
    const { request, where } = this.#options;
    this.#change = change([...request.argv, ...where], request.title, request.live === true, {
      line: (text) => this.#emit(this.#peers(), 'Message', text),
      note: (text) => this.#emit(this.#peers(), 'Note', text),
      progress: (text) => this.#tellProgress(text),
    });
    this.#change.ended.then(
      async (ending) => {
        if (!this.#cancelled) await this.#options.reload().catch(() => {}); // it was made all the same
        this.#finish(ending);
      },
      (error) => this.#finish({ code: 1, error: own('failed', String(error?.message ?? error)) }),
    );
  }

  #tellProgress(text: string): void {
    const elapsed = (performance.now() - this.#started) / 1000;
    this.#emit(this.#peers(), 'Progress', text);
    for (const [name, ...body] of progressSignals(text, elapsed)) {
      if (name === 'TaskBegin') this.#options.log(`${this.request.title}: ${body[0]}`);
      this.#emit(this.#peers(), name, ...body);
    }
  }

  #finish(ending: Ending): void {
    if (this.isOver) return;
    const success = !this.#cancelled && (ending.code === 0 || ending.code === 77);
    const message = success
      ? ''
      : this.#cancelled
        ? 'Operation was cancelled'
        : (ending.error?.message ?? `it ended with ${ending.code}`);
    const duration = this.#started === 0 ? 0 : performance.now() - this.#started;
    this.#outcome = { ...ending, success, message, duration };
    this.#tellEnd(this.#peers(), this.#outcome);
    for (const server of this.#servers) server.close();
    setTimeout(() => this.#peers().forEach((peer) => void peer.destroy()), FAREWELL).unref(); // also who came in just now
    this.#settle(this.#outcome);
  }

  #tellEnd(peers: readonly Connection[], { code, error, success, message }: Outcome): void {
    const said = this.#cancelled ? own('cancelled', message) : (error ?? own('failed', message));
    this.#emit(peers, 'Ended', code, success ? '' : JSON.stringify(said));
    this.#emit(peers, 'Finished', success, message);
  }

  #peers(): Connection[] {
    return this.#servers.flatMap((server) => [...server.peers]);
  }

  #emit(peers: readonly Connection[], signal: string, ...body: unknown[]): void {
    for (const peer of peers)
      for (const name of this.#options.interfaces)
        if (name.startsWith(BUS_NAME) || !OURS.includes(signal)) this.#signals.emit(peer, '/', name, signal, ...body);
  }
}

/** What we say ourselves of a change that failed. */
const own = (code: string, message: string): StageError => ({
  ...{ code, message, hint: null, stage: 'apt-ostree' },
  exit: EXIT.failed,
});

/** Signals that rpm-ostree does not have, and its clients do not know. */
const OURS = ['Note', 'Progress', 'Ended'];
