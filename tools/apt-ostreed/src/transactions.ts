import type { Bus } from '@apt-ostree/dbus';
import { failure } from './names.ts';
import type { Request } from './requests/request.ts';
import { type Caller, Transaction, type TransactionOptions } from './transaction.ts';

type Frame = Omit<TransactionOptions, 'request' | 'caller'>;

/** One change at a time. */
export class Transactions {
  readonly #bus: Bus;
  readonly #frame: Frame;
  /** Called when there is another one, or none. */
  readonly #changed: () => void;
  #current: Transaction | undefined;
  #opening: Promise<unknown> = Promise.resolve();

  constructor(bus: Bus, frame: Frame, changed: () => void) {
    this.#bus = bus;
    this.#frame = frame;
    this.#changed = changed;
  }

  get current(): Transaction | undefined {
    return this.#current;
  }

  /** Opens a transaction, or lets the caller join the one that does the same. */
  open(request: Request, caller: Caller): Promise<Transaction> {
    const opened = this.#opening.then(() => this.#open(request, caller));
    this.#opening = opened.catch(() => {}); // one after the other
    return opened;
  }

  async #open(request: Request, caller: Caller): Promise<Transaction> {
    const running = this.#current;
    if (running && isSame(running.request, request)) return running;
    if (running)
      throw failure(
        'UpdateInProgress',
        `Transaction in progress: ${running.request.title}\n You can cancel the current transaction with 'apt-ostree cancel'`,
      );
    const transaction = await Transaction.open({ ...this.#frame, request, caller });
    this.#current = transaction;
    void transaction.ended.then(() => this.#over(transaction));
    await this.#cancelWithSender(transaction);
    this.#changed();
    return transaction;
  }

  /** Who vanishes before Start will not come back for it; after that it goes on without anybody. */
  async #cancelWithSender(transaction: Transaction): Promise<void> {
    const gone = () => {
      if (!transaction.hasStarted) transaction.cancel();
    };
    const unwatch = await this.#bus.watchOwner(transaction.caller.name, gone);
    void transaction.ended.then(unwatch).catch(() => {});
    if ((await this.#bus.ownerOf(transaction.caller.name)) === undefined) gone();
  }

  #over(transaction: Transaction): void {
    if (this.#current !== transaction) return;
    this.#current = undefined;
    this.#changed();
  }
}

const isSame = (a: Request, b: Request): boolean =>
  a.method === b.method && JSON.stringify(a.argv) === JSON.stringify(b.argv);
