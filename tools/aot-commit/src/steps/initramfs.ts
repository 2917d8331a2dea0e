import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { temporaryDirectory } from '@apt-ostree/run';
import type { Layout } from '../layout.ts';
import { inTree } from '../sandbox.ts';

/** Where the sandbox has the directory that the image is written to. */
const OUT = '/run/aot';

/**
 * Makes /usr/lib/modules/$kver/initramfs.img with the tree's own dracut: for any machine, reproducible, with libostree's
 * module, which mounts the deployment. The tree is read-only meanwhile.
 */
export async function initramfs(layout: Layout, kver: string, tmp: string): Promise<void> {
  const { tree, settings } = layout;
  if (!settings.initramfs) return;
  if (!tree.exists('usr/bin/dracut') && !tree.exists('usr/sbin/dracut')) throw noDracut();
  const out = await temporaryDirectory(tmp);
  try {
    await inTree(layout, ['dracut', ...dracutArguments(layout, kver), `${OUT}/initramfs.img`], {
      bind: { [OUT]: out.path },
      env: { DRACUT_NO_XATTR: '1' },
      what: `cannot make the initramfs of kernel '${kver}'`,
    });
    tree.write(`usr/lib/modules/${kver}/initramfs.img`, readFileSync(join(out.path, 'initramfs.img')), { mode: 0o644 });
  } finally {
    await out.remove();
  }
}

function dracutArguments({ tree, settings }: Layout, kver: string): string[] {
  const given = settings.initramfsArgs;
  const ostree = tree.list('usr/lib/dracut/modules.d').some((name) => /^\d+ostree$/.test(name));
  return [
    '--force',
    ...(given.some((a) => /^(-H|-N|--(no-)?hostonly)$/.test(a)) ? [] : ['--no-hostonly']),
    ...['--reproducible', '--no-hostonly-cmdline', '--no-early-microcode', '--tmpdir', '/var/tmp'],
    ...(given.some((a) => /^--(zstd|xz|gzip|lz4|lzo|lzma|bzip2|no-compress|compress)/.test(a)) ? [] : ['--zstd']),
    ...(ostree ? ['--add', 'ostree'] : []),
    ...given,
    ...['--kver', kver],
  ];
}

const noDracut = (): AotError =>
  new AotError('failed', 'cannot make an initramfs: the tree has no dracut', {
    hint: "add the packages 'dracut' and 'ostree-boot', or set 'no-initramfs: true'",
    code: 'no-dracut',
  });
