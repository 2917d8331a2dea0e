import * as z from 'zod/mini';
import { doc, Sha256 } from './common.ts';

/** One deployment of a sysroot, in boot order. */
export const DeployedCommit = z.looseObject({
  id: doc(z.string(), '<stateroot>-<commit>.<serial>'),
  stateroot: z.string(),
  commit: Sha256,
  serial: z.int(),
  booted: z.boolean(),
  staged: z.boolean(),
  pinned: z.boolean(),
});

/** aot.deployment/v1: what a sysroot boots next, and all that it can boot. */
export const DeploymentManifest = z.looseObject({
  kind: z.literal('aot.deployment/v1'),
  sysroot: doc(z.string(), 'The sysroot, as it was named on the command line'),
  changed: doc(z.boolean(), 'False where the sysroot was already as it was asked for'),
  stateroot: doc(z.nullable(z.string()), 'Of the deployment that was made or changed'),
  commit: doc(z.nullable(Sha256), 'Null in a sysroot without a deployment'),
  serial: z.nullable(z.int()),
  staged: doc(z.boolean(), 'It becomes bootable at shutdown'),
  deployments: doc(z.array(DeployedCommit), 'All of the sysroot, in boot order'),
});
export type DeploymentManifest = z.infer<typeof DeploymentManifest>;
