import type { Deployment, Sysroot } from '@apt-ostree/host';
import { emptyOrigin } from '@apt-ostree/host';

type Given = Partial<Deployment> & { letter: string };

/** A sysroot with these deployments, in boot order; a letter stands for a checksum. */
export function sysrootOf(...given: Given[]): Sysroot {
  const deployments = given.map(({ letter, ...more }, index): Deployment => {
    const checksum = letter.repeat(64);
    const { stateroot = 'debian', serial = 0 } = more;
    return {
      index,
      id: `${stateroot}-${checksum}.${serial}`,
      stateroot,
      checksum,
      serial,
      booted: false,
      staged: false,
      finalizationLocked: false,
      pinned: false,
      unlocked: 'none',
      bootChecksum: '',
      kernelArguments: [],
      path: `ostree/deploy/${stateroot}/deploy/${checksum}.${serial}`,
      origin: emptyOrigin(),
      damage: undefined,
      ...more,
    };
  });
  const booted = deployments.find((d) => d.booted);
  return { path: '/sysroot', repo: '/sysroot/ostree/repo', isBooted: booted !== undefined, deployments, booted };
}
