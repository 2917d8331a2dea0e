export type { Deployment, Sysroot } from './deployment.ts';
export { DEPLOYMENT_MESSAGE_ID, type DeploymentEntry, journalText, recordDeployment } from './journal.ts';
export { editKernelArguments, type KernelArgumentEdits, splitKernelArguments } from './kernel-arguments.ts';
export type { Origin } from './origin.ts';
