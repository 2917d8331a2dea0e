import { createHash } from 'node:crypto';
import type { Context } from '@apt-ostree/cli';
import { deploymentRoot, mergeDeployment, type Origin, type Sysroot } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import type { Target } from '../target.ts';
import { cpioArchive, padded } from './cpio.ts';
import { type Change, chain, changeOf, derive, withoutOwnInitramfs } from './derive.ts';
import { type Initramfs, initramfsOf } from './kernel.ts';
import { regenerate } from './regenerate.ts';
import { readTracked } from './tracked.ts';

/**
 * Gives a commit the initramfs that an origin asks for: made on this host, with files of its /etc. GRUB's menu, as
 * libostree writes it, has one initrd for each entry, so files of /etc are added to that one, and not as a second.
 * @returns the commit itself where nothing is asked for; else one of the same tree and another initramfs
 */
export async function withOwnInitramfs(
  target: Target,
  commit: string,
  origin: Origin,
  context: Context,
): Promise<string> {
  const { sysroot } = target;
  let now = withoutOwnInitramfs(sysroot.repo, commit);
  if (origin.regenerateInitramfs)
    now = await step(sysroot, { on: now, regenerate: origin.initramfsArgs }, (initramfs, on) =>
      regenerate(target, on, initramfs, origin.initramfsArgs, context),
    );
  if (origin.initramfsEtc.length === 0) return now;
  const archive = cpioArchive(readTracked(etcOf(target), origin.initramfsEtc));
  const etc = createHash('sha256').update(archive).digest('hex');
  return step(sysroot, { on: now, etc }, async ({ bytes }) => Buffer.concat([padded(bytes), archive]));
}

/** Whose /etc the next deployment gets. */
function etcOf({ sysroot, stateroot, base }: Target): string {
  return deploymentRoot(sysroot, mergeDeployment(sysroot, stateroot) ?? base);
}

type Work = (initramfs: Initramfs, on: string) => Promise<Uint8Array>;

/** Makes a change, unless a deployment is there that has it. */
async function step(sysroot: Sysroot, change: Change, work: Work): Promise<string> {
  const made = sysroot.deployments.flatMap((d) => chain(sysroot.repo, d.checksum));
  const same = made.find((c) => JSON.stringify(changeOf(readCommit(sysroot.repo, c))) === JSON.stringify(change));
  if (same !== undefined) return same;
  const initramfs = await initramfsOf(sysroot.repo, change.on);
  return derive(sysroot.repo, change, { ...initramfs, bytes: await work(initramfs, change.on) });
}
