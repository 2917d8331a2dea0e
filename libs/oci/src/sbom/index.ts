import { cyclonedx } from './cyclonedx.ts';
import { spdx } from './spdx.ts';
import type { SbomPackage, SbomSubject } from './subject.ts';

export { packageUrl } from './package-url.ts';
export type { SbomPackage, SbomSubject } from './subject.ts';
export { cyclonedx, spdx };

interface SbomForm {
  /** Media type, of the blob and of the artifact that carries it. */
  mediaType: string;
  /** Where it is in an image. */
  path: string;
  write(subject: SbomSubject, packages: readonly SbomPackage[]): Buffer;
}

/** The forms of a bill of materials, by the name they have on command lines. */
export const SBOM_FORMS = {
  spdx: { mediaType: 'application/spdx+json', path: 'usr/share/apt-ostree/sbom.spdx.json', write: spdx },
  cyclonedx: {
    mediaType: 'application/vnd.cyclonedx+json',
    path: 'usr/share/apt-ostree/sbom.cyclonedx.json',
    write: cyclonedx,
  },
} as const satisfies Record<string, SbomForm>;
