import { bindRecorders, type ScriptSandbox, writeStubs } from '@apt-ostree/bwrap';
import type { ScriptRun } from '@apt-ostree/manifest';
import { keepNumbers } from './accounts/keep-numbers.ts';
import type { Job } from './configure.ts';
import { aptDirectories } from './dpkg/apt-directories.ts';
import { checkConfigured } from './dpkg/check-configured.ts';
import { countScripts } from './dpkg/count-scripts.ts';
import { missingHashes } from './dpkg/missing-hashes.ts';
import { preseed } from './dpkg/preseed.ts';
import { type Round, rounds } from './dpkg/rounds.ts';
import { setAside } from './dpkg/set-aside.ts';
import { ShadowInfo } from './dpkg/shadow-info.ts';
import { inSandbox } from './in-sandbox.ts';

/**
 * Configures an unpacked tree with the tree's own dpkg, in the order of reference systems: preseeding; in every round the
 * packages that were left to dpkg are unpacked, and those of the round configured, without triggers; then triggers.
 */
export function configureTree(job: Job): Promise<ScriptRun[]> {
  const total = countScripts(job.rootfs, job.manifest);
  return inSandbox(job, { phase: 'scripts', total }, async (sandbox) => {
    writeStubs(sandbox.control.path);
    missingHashes(sandbox);
    await preseed(sandbox, job.manifest);
    const putBack = job.manifest.base === undefined ? () => {} : setAside(sandbox.overlay.merged);
    sandbox.recordOwn({ ...OURS, script: 'set-aside' });
    await removePackages(sandbox, job);
    const all = rounds(job.manifest, job.cachedir);
    for (const round of all) {
      await unpackLeftOvers(sandbox, round, job.overwrite);
      await configurePackages(sandbox, round, round === all.at(-1));
    }
    putBack();
    sandbox.recordOwn({ ...OURS, script: 'put-back' });
    await checkConfigured(sandbox);
    aptDirectories(sandbox.overlay.merged);
    sandbox.recordOwn({ ...OURS, script: 'directories' });
    if (job.accounts !== undefined) keepNumbers(sandbox.overlay.merged, job.accounts);
    sandbox.recordOwn({ ...OURS, script: 'numbers' });
  });
}

/** In the record, the author of what no script did: no package, whatever packages it was done for. */
const OURS = { package: 'aot-sandbox' };

/** Neither questions about conffiles nor dependencies on packages that are only unpacked may stop dpkg. */
const FORCE = ['--force-confold', '--force-confdef'];

/** Packages of a base that go. What needs them goes too, or is replaced: apt has seen to that. */
async function removePackages(sandbox: ScriptSandbox, { manifest }: Job): Promise<void> {
  const names = manifest.plan.flatMap((step) => (step.action === 'remove' ? step.packages : []));
  if (names.length === 0) return;
  const options = [
    ...FORCE,
    '--force-depends',
    '--force-remove-essential',
    '--force-remove-protected',
    '--no-triggers',
  ];
  sandbox.always(bindRecorders(sandbox.overlay.merged, sandbox.control.path));
  await sandbox.run({
    as: { package: 'dpkg', script: 'remove' },
    argv: ['dpkg', ...options, '--remove', ...names],
  });
  sandbox.always([]);
}

async function unpackLeftOvers(sandbox: ScriptSandbox, { unpack }: Round, overwrite: boolean): Promise<void> {
  if (unpack.length === 0) return;
  const options = [
    ...[...FORCE, ...(overwrite ? ['--force-overwrite'] : []), '--force-depends', '--no-triggers'],
    '--no-debsig', // the signature of an archive, or of a file, was verified when it came
  ];
  await sandbox.run({
    as: { package: 'dpkg', script: 'unpack' },
    argv: ['dpkg', ...options, '--unpack', ...unpack.map((a) => a.target)],
    binds: unpack,
    env: { PATH: `/run/aot/bin:${PATH}` },
  });
  await sandbox.checkpoint();
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The last round is followed by all that is left, with the triggers. */
async function configurePackages(sandbox: ScriptSandbox, { essential, rest }: Round, last: boolean): Promise<void> {
  const shadow = new ShadowInfo(sandbox.overlay.merged, sandbox.control.path);
  sandbox.always([...bindRecorders(sandbox.overlay.merged, sandbox.control.path), ...shadow.binds]);
  const call = (args: string[]) =>
    sandbox.run({
      as: { package: 'dpkg', script: 'configure' },
      argv: ['dpkg', ...FORCE, ...args],
    });
  if (essential.length > 0) await call(['--no-triggers', '--configure', ...essential]);
  if (rest.length > 0) await call(['--no-triggers', '--configure', ...rest]);
  if (last) await call(['--configure', '-a']);
  sandbox.always([]);
  shadow.writeBack();
}
