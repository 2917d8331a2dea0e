import type { Platform } from './model.ts';

/** Debian's names of architectures, where the image specification has Go's. */
const GO: Record<string, Omit<Platform, 'os'>> = {
  armhf: { architecture: 'arm', variant: 'v7' },
  armel: { architecture: 'arm', variant: 'v5' },
  i386: { architecture: '386' },
  mips64el: { architecture: 'mips64le' },
  ppc64el: { architecture: 'ppc64le' },
};

/** The platform of an image for a Debian architecture. */
export const platformOf = (debian: string): Platform => ({
  os: 'linux',
  ...(GO[debian] ?? { architecture: debian }),
});

/** Whether an image for `have` runs where `want` is wanted; one that says no variant runs on each. */
export const fits = (have: Platform, want: Platform): boolean =>
  have.os === want.os &&
  have.architecture === want.architecture &&
  (have.variant === undefined || want.variant === undefined || have.variant === want.variant);

/** As people write it: `linux/arm/v7`. */
export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  `${os}/${architecture}${variant ? `/${variant}` : ''}`;
