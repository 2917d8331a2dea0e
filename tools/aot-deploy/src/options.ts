import type { Option } from '@apt-ostree/cli';

/** Of every command: which sysroot. */
export const SYSROOT = {
  sysroot: { type: 'string', valueHint: 'SYSROOT', description: 'work on this sysroot', default: '/' },
  wait: { type: 'boolean', description: 'wait until nobody else works on the sysroot, instead of ending as busy' },
} as const satisfies Record<string, Option>;

/** Of the commands that apt-ostree runs after it decided by what it had read. */
export const AS_READ = {
  'as-read': {
    type: 'string',
    valueHint: 'DIGEST',
    description: 'end as busy unless the deployments are still those of which the caller has this digest',
    hidden: true,
  },
} as const satisfies Record<string, Option>;

/** Of the commands that change deployments of one system of several. */
export const STATEROOT = {
  stateroot: {
    type: 'string',
    also: ['os'],
    valueHint: 'STATEROOT',
    description: 'work on this stateroot instead of the booted, or the only one',
  },
} as const satisfies Record<string, Option>;

/** Of the commands that make a deployment. */
export const STAGING = {
  stage: {
    type: 'boolean',
    description: 'write it, and let the shutdown make it bootable; by itself on a booted system',
  },
  'lock-finalization': { type: 'boolean', description: 'do not let a shutdown finalize the staged deployment' },
} as const satisfies Record<string, Option>;
