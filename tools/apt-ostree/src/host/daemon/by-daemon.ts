import type { Context, Work } from '@apt-ostree/cli';
import { chooseStateroot, readSysroot } from '@apt-ostree/host';
import type { Call } from './calls/call.ts';
import { callOf } from './calls.ts';
import { follow } from './follow.ts';
import { type Daemon, reach, whyNot } from './reach.ts';
import { isNotStarted } from './start.ts';
import { naming, upload } from './upload.ts';

/** The work of a command by the daemon; what it cannot say to it, or where there is none, is done directly. */
export const byDaemon =
  (name: string, direct: () => Promise<Work>): Work =>
  async (args, context) => {
    const call = callOf(name, args);
    const daemon = call && (await reachOrNote(args, context));
    if (call === undefined || daemon === undefined) return (await direct())(args, context);
    try {
      return await perform(daemon, call, args, context);
    } finally {
      daemon.bus.connection.destroy();
    }
  };

/** Root goes on without it; nobody else could, and is told why one that is installed does not start. */
async function reachOrNote(args: { sysroot: string }, context: Context): Promise<Daemon | undefined> {
  try {
    return await reach(args.sysroot, context);
  } catch (error) {
    context.signal.throwIfAborted();
    if (process.getuid?.() === 0) context.note(`note: working without the daemon: ${whyNot(error)}`);
    else if (isNotStarted(error)) throw error;
    return undefined;
  }
}

async function perform(daemon: Daemon, call: Call, args: Record<string, unknown>, context: Context) {
  const path = await pathOf(daemon, args as { sysroot: string; stateroot?: string });
  const digests = await upload(daemon, path, call.files, context);
  const { interface: name = 'OS', method, signature } = call;
  const body = await call.body(commandLine(), (word) => digests.get(word) ?? '');
  const reply = await daemon.call(path, name, method, signature, body);
  const address = reply.at(-1) as string;
  if (address === '') {
    return 'Automatic updates are not enabled; exiting...\n';
  }
  const code = await follow(address, context, naming(digests));
  return code === UNCHANGED && !call.tells77 ? 0 : code;
}

/** What is wrong with a stateroot is said as the command itself says it. */
async function pathOf(daemon: Daemon, { sysroot, stateroot }: { sysroot: string; stateroot?: string }) {
  try {
    return await daemon.osPath(stateroot);
  } catch (error) {
    chooseStateroot(await readSysroot(sysroot), stateroot);
    throw error;
  }
}

const UNCHANGED = 77;

const commandLine = (): string => ['apt-ostree', ...process.argv.slice(2)].join(' ').slice(0, 4000);
