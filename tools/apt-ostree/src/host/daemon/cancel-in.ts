import type { Context } from '@apt-ostree/cli';
import { connectPeer } from '@apt-ostree/dbus';
import { titleOf } from './follow.ts';
import { type Daemon, SYSROOT } from './reach.ts';

/** Cancels what the daemon does and waits for its end; false where it does nothing. */
export async function cancelIn(daemon: Daemon, context: Context): Promise<boolean> {
  try {
    const address = String(await daemon.property('ActiveTransactionPath'));
    if (address === '') return false;
    const peer = await connectPeer(address);
    const over = new Promise<void>((resolve) => {
      peer.onSignal = ({ member }) => {
        if (member === 'Finished') resolve();
      };
      void peer.closed.then(() => resolve());
    });
    context.note(`Cancelling transaction: ${await titleOf(peer)}`);
    await daemon.call(SYSROOT, 'Sysroot', 'CancelTransaction');
    await over;
    peer.destroy();
    return true;
  } finally {
    daemon.bus.connection.destroy();
  }
}
