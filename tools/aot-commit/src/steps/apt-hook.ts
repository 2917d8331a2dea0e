import type { Layout } from '../layout.ts';

const FILE = 'etc/apt/apt.conf.d/90aot-ostree';

/** The hook of the Debian package apt-ostree and of `cliwrap`, which says more: a tree that has it needs no other. */
const OF_THE_PACKAGE = 'etc/apt/apt.conf.d/90apt-ostree';

const DEPLOYED = '[ -e /run/ostree-booted ] && [ ! -e /run/.containerenv ] && [ ! -e /.dockerenv ] && [ ! -w /usr ]';
const HINT = "echo 'apt: this system was booted from OSTree and is updated as a whole: use ostree admin upgrade' >&2";

const TEXT = `// On a deployed OSTree system /usr and dpkg's database are read-only: say so before dpkg fails halfway.
DPkg::Pre-Invoke { "if ${DEPLOYED}; then ${HINT}; exit 1; fi"; };
`;

/** Makes apt on a booted deployment say what to do instead; it has no effect in containers and while composing. */
export function aptHook({ tree }: Layout): void {
  if (tree.exists(OF_THE_PACKAGE)) tree.remove(FILE);
  else if (tree.isDirectory('etc/apt/apt.conf.d')) tree.write(FILE, TEXT);
}
