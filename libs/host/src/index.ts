export type { Deployment, Sysroot } from './deployment.ts';
export type { Origin } from './origin.ts';
