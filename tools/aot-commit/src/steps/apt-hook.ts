import type { Layout } from '../layout.ts';

const FILE = 'etc/apt/apt.conf.d/90aot-ostree';

const DEPLOYED = '[ -e /run/ostree-booted ] && [ ! -e /run/.containerenv ] && [ ! -e /.dockerenv ]';
const HINT = "echo 'apt: this system is updated as a whole: use apt-ostree install instead' >&2";

const TEXT = `// On a deployed OSTree system /usr and dpkg's database are read-only: say so before dpkg fails halfway.
DPkg::Pre-Invoke { "if ${DEPLOYED}; then ${HINT}; exit 1; fi"; };
`;

/** Makes apt on a booted deployment say what to do instead; it has no effect in containers and while composing. */
export function aptHook({ tree }: Layout): void {
  if (tree.isDirectory('etc/apt/apt.conf.d')) tree.write(FILE, TEXT);
}
