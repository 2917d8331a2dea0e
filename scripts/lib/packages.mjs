// The Debian packages that the project needs on a machine, by what for. One place: setup, tests and the guide read it.

/** To build trees; the Debian package depends on them. */
export const RUN = [
  'apt',
  'attr',
  'bubblewrap',
  'dpkg',
  'gpg',
  'gpgv',
  'mount',
  'ostree',
  'uidmap',
  'util-linux',
  'xz-utils',
  'zstd',
  'ca-certificates',
  'debian-archive-keyring',
];

/** What the commands of the README and of the guides call besides. */
export const GUIDES = ['curl', 'jq'];

/** To make disk images of trees; the Debian package suggests them. */
export const DISK = ['e2fsprogs', 'fdisk', 'mtools', 'qemu-utils'];

/** To run the suite: oracles and judges. */
export const TEST = [
  'binutils',
  'dbus-daemon',
  'debsig-verify',
  'fish',
  'git',
  'gnupg',
  'groff',
  'libglib2.0-bin',
  'man-db',
  'mmdebstrap',
  'openssl',
  'arch-test',
  'ovmf',
  'pigz',
  'python3-dbus',
  'python3-venv',
  'qemu-system-x86',
  'skopeo',
  'strace',
  'umoci',
  'zsh',
];

/** To build and judge the Debian package; its own build dependencies are in debian/control, Node apart. */
export const PACKAGE = ['apt-utils', 'debhelper', 'dpkg-dev', 'gpg', 'lintian'];
