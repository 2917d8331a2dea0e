import { readSysroot, type Sysroot } from '@apt-ostree/host';
import { forgetImages } from '@apt-ostree/oci';
import { baseCommit } from '../change/base-commit.ts';

/** Lets go of the images that no deployment of the sysroot is made of any more. */
export async function forgetOldImages({ path }: Sysroot): Promise<void> {
  const now = await readSysroot(path);
  forgetImages(now.repo, new Set(now.deployments.map((deployment) => baseCommit(now, deployment))));
}
