import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { runWithReadOnlyUsr } from '@apt-ostree/bwrap';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { deploymentRoot, mergeDeployment } from '@apt-ostree/host';
import { readCommit } from '@apt-ostree/ostree';
import { run, temporaryDirectory } from '@apt-ostree/run';
import type { Target } from '../target.ts';
import type { Initramfs } from './kernel.ts';

/** Where the sandbox has the directory that the image is written to. */
const OUT = '/run/aot';

/** Makes the initramfs with the commit's own dracut and the host's /etc, in the sandbox. */
export async function regenerate(
  { sysroot, stateroot, base }: Target,
  commit: string,
  { kver }: Initramfs,
  given: readonly string[],
  context: Context,
): Promise<Uint8Array> {
  const scratch = await temporaryDirectory(join(sysroot.repo, 'tmp')); // for hard links
  try {
    const tree = join(scratch.path, 'tree');
    const out = join(scratch.path, 'out');
    mkdirSync(out);
    await run('ostree', ['checkout', `--repo=${sysroot.repo}`, '-H', commit, tree], {
      what: `cannot check out commit '${commit}'`,
    });
    if (!existsSync(join(tree, 'usr/bin/dracut'))) throw noDracut();
    renameSync(join(tree, 'usr/etc'), join(tree, 'etc'));
    const etc = join(deploymentRoot(sysroot, mergeDeployment(sysroot, stateroot) ?? base), 'etc');
    await runWithReadOnlyUsr(
      tree,
      ['dracut', ...dracutArguments(tree, given), '--kver', kver, `${OUT}/initramfs.img`],
      {
        epoch: readCommit(sysroot.repo, commit).timestamp,
        binds: [
          { source: out, target: OUT, writable: true },
          { source: etc, target: '/etc' },
        ],
        env: { DRACUT_NO_XATTR: '1' },
      },
      { what: `cannot make the initramfs of kernel '${kver}'`, signal: context.signal },
    );
    return readFileSync(join(out, 'initramfs.img'));
  } finally {
    await scratch.remove();
  }
}

/** For any machine, unless the arguments say otherwise; and always with what mounts the deployment. */
function dracutArguments(tree: string, given: readonly string[]): string[] {
  const modules = join(tree, 'usr/lib/dracut/modules.d');
  const ostree = existsSync(modules) && readdirSync(modules).some((name) => /^\d+ostree$/.test(name));
  return [
    ...['--force', '--reproducible', '--no-hostonly-cmdline', '--no-early-microcode', '--tmpdir', '/var/tmp'],
    ...(given.some((a) => /^(-H|-N|--(no-)?hostonly)$/.test(a)) ? [] : ['--no-hostonly']),
    ...(ostree ? ['--add', 'ostree'] : []),
    ...given,
  ];
}

const noDracut = (): AotError =>
  new AotError('failed', 'cannot make an initramfs: the commit has no dracut', {
    hint: "whoever composes it adds the package 'dracut'",
    code: 'no-dracut',
  });
