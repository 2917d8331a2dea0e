import * as z from 'zod/mini';
import { doc, Sha256 } from './common.ts';

/** aot.deployment/v1: a commit deployed in a sysroot. */
export const DeploymentManifest = z.looseObject({
  kind: z.literal('aot.deployment/v1'),
  sysroot: doc(z.string(), 'The sysroot, as it was named on the command line'),
  stateroot: z.string(),
  commit: Sha256,
  serial: z.int(),
  staged: z.boolean(),
});
export type DeploymentManifest = z.infer<typeof DeploymentManifest>;
