import type { PackagesManifest } from '@apt-ostree/manifest';

/** What solving decides; the treefile and its files are added to make the manifest. */
export type Resolved = Pick<
  PackagesManifest,
  'architecture' | 'foreignArchitectures' | 'apt' | 'indices' | 'packages' | 'plan' | 'essential' | 'base'
>;
