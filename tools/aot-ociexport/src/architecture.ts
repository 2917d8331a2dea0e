import { AotError } from '@apt-ostree/errors';
import type { Platform } from '@apt-ostree/oci';

/** Debian's names and Go's, which images use. */
const GO: Record<string, Omit<Platform, 'os'>> = {
  amd64: { architecture: 'amd64' },
  arm64: { architecture: 'arm64' },
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v5' },
  i386: { architecture: '386' },
  riscv64: { architecture: 'riscv64' },
  ppc64el: { architecture: 'ppc64le' },
  s390x: { architecture: 's390x' },
  loong64: { architecture: 'loong64' },
  mips64el: { architecture: 'mips64le' },
};

/**
 * What an image of a tree runs on.
 * @param architecture as Debian names it, or as images do
 * @throws AotError `usage` for one that images have no name for
 */
export function platformOf(architecture: string): Platform {
  const known = GO[architecture] ?? Object.values(GO).find((row) => row.architecture === architecture);
  if (known !== undefined) return { ...known, os: 'linux' };
  throw new AotError('usage', `cannot make an image for '${architecture}': images have no name for it`, {
    hint: `known are ${Object.keys(GO).join(', ')}`,
  });
}

/** Node's name for what this machine is, where it differs. */
const NODE: Record<string, string> = { x64: 'amd64', ia32: 'i386', ppc64: 'ppc64el' };

/** What packages run on that run anywhere: here. */
export const ownArchitecture = (): string => NODE[process.arch] ?? process.arch;
