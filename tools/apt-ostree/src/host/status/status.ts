import type { Context } from '@apt-ostree/cli';
import { AotError, EXIT } from '@apt-ostree/errors';
import { type Deployment, readSysroot, requireHost, type Sysroot } from '@apt-ostree/host';
import { cachedUpdate } from '../cached-update.ts';
import { readDriver } from '../driver/driver.ts';
import { available } from '../upgrade/available.ts';
import type { StatusArgs } from './command.ts';
import { type Facts, gatherFacts } from './facts.ts';
import { headerText } from './header.ts';
import { deploymentsText } from './text.ts';
import { holderOf, initiatorOf } from './transaction.ts';
import { type Waiting, waitingOf } from './waiting.ts';

/** `status`: what the sysroot can boot, as text or JSON. */
export async function status(args: StatusArgs, context: Context): Promise<number> {
  if (args.json && args.jsonpath !== undefined)
    throw new AotError('usage', "cannot specify both '--json' and '--jsonpath'");
  requireHost(args.sysroot, { root: false });
  const sysroot = await readSysroot(args.sysroot);
  const shown = chosen(sysroot, args.booted);
  const all = await gatherFacts(sysroot, sysroot.deployments);
  const facts = all.filter(({ deployment }) => shown.includes(deployment));
  const waiting = waitingOf(sysroot, all, args.verbose);
  const found = waiting ? undefined : cachedUpdate(sysroot);
  const holder = holderOf(sysroot);
  if (args.json || args.jsonpath !== undefined) {
    const document = (await import('./json.ts')).statusJson(
      facts,
      waiting,
      holder === undefined ? undefined : await transactionOf(args.sysroot, holder),
      found,
      readDriver(),
    );
    const selected = args.jsonpath === undefined ? document : await select(document, args.jsonpath);
    context.write(`${JSON.stringify(selected, null, 2)}\n`);
  } else {
    const update = found && !args.booted && available(found, args.verbose || args.advisories);
    const head = (await stateText(args.sysroot, holder)) + (sysroot.isBooted ? await headerText(args.verbose) : '');
    context.write(head + text(sysroot, facts, waiting, args) + (update ? `\n${update}` : ''));
  }
  return args['pending-exit-77'] && isPending(sysroot) ? EXIT.unchanged : EXIT.ok;
}

/** As the daemon has it, if it is the one at work; else what the holder of the lock says of itself. */
const transactionOf = async (sysroot: string, holder: string): Promise<readonly string[]> =>
  (await (await import('../daemon/active.ts')).activeTransaction(sysroot)) ?? [holder, '', ''];

/** Whether somebody is at work, at what, and who that is. */
async function stateText(sysroot: string, holder: string | undefined): Promise<string> {
  if (holder === undefined) return 'State: idle\n';
  const [, sender = ''] = await transactionOf(sysroot, holder);
  const initiator = initiatorOf(holder, sender);
  return `State: busy\nTransaction: ${holder}\n${initiator === undefined ? '' : `  Initiator: ${initiator}\n`}`;
}

/** The library is loaded only where it is needed. */
const select = async (document: object, expression: string): Promise<unknown[]> =>
  (await import('./select.ts')).select(document, expression);

function chosen(sysroot: Sysroot, bootedOnly: boolean): Deployment[] {
  if (!bootedOnly) return sysroot.deployments;
  if (sysroot.booted) return [sysroot.booted];
  throw new AotError('failed', `cannot find a booted deployment in '${sysroot.path}'`, {
    hint: 'leave out --booted: nothing of this sysroot runs',
  });
}

/** As rpm-ostree counts it: of several deployments, the first one is not what runs. */
const isPending = ({ deployments }: Sysroot): boolean => deployments.length > 1 && deployments[0]?.booted === false;

function text(sysroot: Sysroot, facts: readonly Facts[], waiting: Waiting | undefined, args: StatusArgs): string {
  if (facts.length === 0) return 'No deployments.\n';
  const severalStateroots = new Set(sysroot.deployments.map((d) => d.stateroot)).size > 1;
  return deploymentsText(facts, waiting, {
    ...{ verbose: args.verbose, advisories: args.verbose || args.advisories },
    ...{ booted: args.booted, severalStateroots },
  });
}
