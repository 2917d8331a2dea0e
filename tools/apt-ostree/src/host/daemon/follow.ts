import type { Context, ProgressEvent } from '@apt-ostree/cli';
import { type Connection, connectPeer, type Message } from '@apt-ostree/dbus';
import { AotError, unpack } from '@apt-ostree/errors';
import { BUS_NAME } from '@apt-ostree/host';
import type { StageError } from '@apt-ostree/pipeline';
import { explainDbus } from './explain-dbus.ts';

const TRANSACTION = { path: '/', interface: `${BUS_NAME}.Transaction` };

/**
 * Starts a transaction and shows what it says until its end. What interrupts us cancels it.
 * @param naming puts the client's own words into what is said
 * @returns the exit code of the command: 0, or 77 where nothing changed
 * @throws AotError where it failed, with its own words
 */
export async function follow(address: string, context: Context, naming = same): Promise<number> {
  const peer = await connectPeer(address);
  try {
    const ended = endOf(peer, context, naming);
    const cancel = () => void peer.call({ ...TRANSACTION, member: 'Cancel' }).catch(() => {});
    context.signal.addEventListener('abort', cancel);
    const [started] = await peer.call({ ...TRANSACTION, member: 'Start' });
    if (started === false) context.note(`Attaching to existing transaction: ${await titleOf(peer)}`);
    const code = await ended;
    if (context.signal.aborted) throw context.signal.reason;
    return code;
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    throw explainDbus(error);
  } finally {
    peer.destroy();
  }
}

const same = (text: string): string => text;

export async function titleOf(peer: Connection): Promise<string> {
  const get = { path: '/', interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss' };
  const [title] = await peer.call({ ...get, body: [TRANSACTION.interface, 'Title'] });
  return String((title as { value: unknown }).value);
}

function endOf(peer: Connection, context: Context, naming: (text: string) => string): Promise<number> {
  return new Promise((resolve, reject) => {
    let ended: unknown[] = [0, ''];
    peer.onSignal = (signal) => {
      if (signal.interface !== TRANSACTION.interface) return; // they are also sent under rpm-ostree's name, if it is served
      const [first, second] = signal.body;
      if (signal.member === 'Ended') ended = signal.body;
      else if (signal.member !== 'Finished') show(signal, context, naming);
      else if (first === true) resolve(ended[0] as number);
      else reject(failed(naming(String(second)), ended[1]));
    };
    void peer.closed.then(() => reject(lost()));
  });
}

function show({ member, body: [text] }: Message, context: Context, naming: (text: string) => string): void {
  if (member === 'Message') context.write(`${naming(String(text))}\n`);
  else if (member === 'Note') context.note(naming(String(text)));
  else if (member === 'Progress') context.progress.forward(JSON.parse(String(text)) as ProgressEvent);
}

/** The error of the command that the daemon ran, as that one told it. */
function failed(message: string, told: unknown): unknown {
  if (told === '') return new AotError('failed', message);
  const { exit, code, hint, stage } = JSON.parse(String(told)) as StageError;
  return unpack({ aot: { message, exit, code, hint: hint ?? undefined, stage } });
}

const lost = (): AotError =>
  new AotError('unavailable', 'cannot follow the change: the daemon went away', {
    code: 'daemon-lost',
    hint: "'apt-ostree status' shows how far it came",
  });
