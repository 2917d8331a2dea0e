import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { Tree } from '@apt-ostree/ostree';
import { temporaryDirectory } from '@apt-ostree/run';
import { keepFile, keptFile } from '../kept-file.ts';
import type { Layout } from '../layout.ts';
import { inTree } from '../sandbox.ts';
import { copyView, viewDigest } from '../view/copy-view.ts';
import { initramfsView } from '../view/initramfs-view.ts';

/** Changes whenever the same view would give another image. */
const GENERATION = 2;

/** dracut's own --zstd is level 15: six times as slow as this, for an image that is one part in a hundred smaller. */
const COMPRESS = 'zstd -q -T0 -9';

/** Where the sandbox has the directory that the image is written to. */
const OUT = '/run/aot';

/** The clock of the image, so that it does not change with the compose's; systemd-sysusers takes day 0 for "expired". */
const DAY = 86_400;

export interface InitramfsCache {
  /** Images by the digest of what they were made from. */
  images: string;
  /** Where temporary directories go, on the file system of the images. */
  tmp: string;
}

/**
 * Makes /usr/lib/modules/$kver/initramfs.img with the tree's own dracut, for any machine, with libostree's module, which
 * mounts the deployment; or takes it from the cache. dracut sees only the part of the tree whose digest names the image
 * (see initramfsView), with all times 0, so a hit and a miss give the same bytes.
 */
export async function initramfs(layout: Layout, kver: string, cache: InitramfsCache): Promise<void> {
  const { tree } = layout;
  if (!tree.exists('usr/bin/dracut')) throw noDracut();
  const args = dracutArguments(layout, kver);
  const view = initramfsView(tree, kver, args);
  const image = join(cache.images, `${viewDigest(tree, view, [GENERATION, args])}.img`);
  const bytes = keptFile(image) ?? (await make(layout, kver, args, view, image, cache.tmp));
  tree.write(`usr/lib/modules/${kver}/initramfs.img`, bytes, { mode: 0o644 });
}

function dracutArguments({ tree, settings }: Layout, kver: string): string[] {
  const given = settings.initramfsArgs;
  const ostree = tree.list('usr/lib/dracut/modules.d').some((name) => /^\d+ostree$/.test(name));
  const compressed = /^--(zstd|xz|gzip|lz4|lzo|lzma|bzip2|no-compress|compress)/;
  return [
    '--force',
    ...(given.some((a) => /^(-H|-N|--(no-)?hostonly)$/.test(a)) ? [] : ['--no-hostonly']),
    ...['--reproducible', '--no-hostonly-cmdline', '--no-early-microcode', '--tmpdir', '/var/tmp'],
    ...(given.some((a) => compressed.test(a)) ? [] : ['--compress', COMPRESS]),
    ...(ostree ? ['--add', 'ostree'] : []),
    ...given,
    ...['--kver', kver],
  ];
}

async function make(
  layout: Layout,
  kver: string,
  args: readonly string[],
  view: readonly string[],
  image: string,
  tmp: string,
): Promise<Uint8Array> {
  const temporary = await temporaryDirectory(tmp);
  try {
    const part = new Tree(join(temporary.path, 'tree'));
    const out = join(temporary.path, 'out');
    mkdirSync(part.root);
    mkdirSync(out);
    copyView(layout.tree, part, view);
    const inView: Layout = { ...layout, tree: part, clock: DAY };
    await inTree(inView, ['ldconfig', '-X'], {
      write: true,
      what: 'cannot index the libraries for the initramfs',
    });
    const said = await inTree(inView, ['dracut', ...args, `${OUT}/initramfs.img`], {
      bind: { [OUT]: out },
      env: { DRACUT_NO_XATTR: '1' },
      what: `cannot make the initramfs of kernel '${kver}'`,
    });
    const made = join(out, 'initramfs.img');
    if (!existsSync(made)) throw noImage(kver, said);
    return keepFile(image, made);
  } finally {
    await temporary.remove();
  }
}

/** dracut ends well, too, where it found nothing to do. */
const noImage = (kver: string, said: string): AotError =>
  new AotError(
    'failed',
    `cannot make the initramfs of kernel '${kver}': dracut made none: ${said.trim().slice(-1000)}`,
    {
      code: 'no-initramfs',
    },
  );

const noDracut = (): AotError =>
  new AotError('failed', 'cannot make an initramfs: the tree has no dracut', {
    hint: "add the packages 'dracut' and 'ostree-boot', or set 'no-initramfs: true'",
    code: 'no-dracut',
  });
