import { existsSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';

/** Debian's package for a program, for the hint when it is missing. */
const PACKAGE_OF: Record<string, string> = {
  'apt-get': 'apt',
  bwrap: 'bubblewrap',
  debugfs: 'e2fsprogs',
  flock: 'util-linux',
  getfattr: 'attr',
  gpg: 'gnupg',
  mcopy: 'mtools',
  mformat: 'mtools',
  mke2fs: 'e2fsprogs',
  mmd: 'mtools',
  newuidmap: 'uidmap',
  'qemu-img': 'qemu-utils',
  setfattr: 'attr',
  sfdisk: 'fdisk',
  unshare: 'util-linux',
  xz: 'xz-utils',
};

/** The error for a program that is not there; the hint names Debian's package. */
const notInstalled = (file: string): AotError =>
  new AotError('os', `cannot run '${file}': not found`, {
    code: 'not-installed',
    hint: `install Debian's package '${PACKAGE_OF[file] ?? file}'`,
  });

/** The error for ENOENT of a program that was to be run in `cwd`, which may itself be what is missing. */
export const notFound = (file: string, cwd: string | undefined): AotError =>
  cwd === undefined || existsSync(cwd)
    ? notInstalled(file)
    : new AotError('noInput', `cannot run '${file}' in '${cwd}': no such directory`);
