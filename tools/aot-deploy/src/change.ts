import {
  type Deployment,
  operation,
  readSysroot,
  requireHost,
  requireLibostree,
  requireSound,
  requireUnchanged,
  type Sysroot,
} from '@apt-ostree/host';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { nobodyHoldsIt } from './libostree-lock.ts';

export interface Where {
  sysroot: string;
  wait: boolean;
  /** The fingerprint of the sysroot when the caller decided what to do. */
  'as-read'?: string | undefined;
}

export interface Outcome {
  /** False where everything was already as it was asked for. */
  changed: boolean;
  /** The deployment that was made or changed, by its id; the default where it is none in particular. */
  id?: string | undefined;
}

/** Changes a sysroot as one operation, and tells what it is afterwards. */
export async function change(
  where: Where,
  what: string,
  work: (before: Sysroot) => Promise<Outcome>,
): Promise<DeploymentManifest> {
  requireHost(where.sysroot);
  const decided = where['as-read'];
  if (decided === undefined) await requireLibostree(); // else the caller did
  const before = await readSysroot(where.sysroot);
  return operation(before, { what: `aot-deploy ${what}`, wait: where.wait }, async () => {
    const now = await readSysroot(where.sysroot); // it may have changed while we waited
    if (!where.wait) nobodyHoldsIt(now);
    if (decided !== undefined) requireUnchanged(now, decided);
    requireSound(now);
    const outcome = await work(now);
    return describe(await readSysroot(where.sysroot), outcome);
  });
}

/** The manifest of a sysroot. */
export function describe(sysroot: Sysroot, { changed, id }: Outcome): DeploymentManifest {
  const one = sysroot.deployments.find((d) => d.id === id) ?? sysroot.deployments[0];
  return {
    kind: 'aot.deployment/v1',
    sysroot: sysroot.path,
    changed,
    stateroot: one?.stateroot ?? null,
    commit: one?.checksum ?? null,
    serial: one?.serial ?? null,
    staged: one?.staged ?? false,
    deployments: sysroot.deployments.map(row),
  };
}

const row = (d: Deployment): DeploymentManifest['deployments'][number] => ({
  id: d.id,
  stateroot: d.stateroot,
  commit: d.checksum,
  serial: d.serial,
  booted: d.booted,
  staged: d.staged,
  pinned: d.pinned,
});
