import type { Origin } from './origin.ts';

/** A deployment as libostree orders and knows it (ostree-admin-status(1)). */
export interface Deployment {
  /** Its place in the boot order; 0 is the default. */
  index: number;
  /** `<stateroot>-<checksum>.<serial>`. */
  id: string;
  stateroot: string;
  /** The commit that is deployed: of a layered deployment the layered one. */
  checksum: string;
  serial: number;
  booted: boolean;
  /** Written, and made bootable only at shutdown. */
  staged: boolean;
  /** Of a staged one: a shutdown leaves it alone (`ostree admin lock-finalization`). */
  finalizationLocked: boolean;
  pinned: boolean;
  unlocked: 'none' | 'development' | 'hotfix' | 'transient';
  /** Checksum of its kernel and initramfs. */
  bootChecksum: string;
  /** Without `ostree=`, in order. */
  kernelArguments: string[];
  /** Below the sysroot: `ostree/deploy/<stateroot>/deploy/<checksum>.<serial>`. */
  path: string;
  origin: Origin;
  /** Why it can be neither booted nor changed; its origin is then empty. */
  damage: Damage | undefined;
}

export interface Damage {
  message: string;
  hint: string;
}

export interface Sysroot {
  /** As the user named it. */
  path: string;
  /** Its repository. */
  repo: string;
  /** We run in one of its deployments (/run/ostree-booted, and / is that directory). */
  isBooted: boolean;
  /** In boot order, the staged one first. */
  deployments: Deployment[];
  /** Undefined where nothing of it runs. */
  booted: Deployment | undefined;
}
