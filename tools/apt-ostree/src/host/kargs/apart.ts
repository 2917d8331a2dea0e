import { readFileSync } from 'node:fs';
import { AotError } from '@apt-ostree/errors';
import { type Deployment, editArguments, readSysroot } from '@apt-ostree/host';
import { targetOf } from '../change/target.ts';
import type { KargsArgs } from './command.ts';
import { editInEditor } from './editor.ts';
import { ofRunningKernel } from './proc-cmdline.ts';
import { chosen, editsOf } from './wanted.ts';

/**
 * Has the arguments of a deployment edited; nothing is changed.
 * @throws AotError `failed` where they remained the same, unless 77 is wanted for that
 */
export async function editedArguments(args: KargsArgs): Promise<{ deployment: Deployment; after: string[] }> {
  const target = targetOf(await readSysroot(args.sysroot), args.stateroot);
  const deployment = chosen(target, args['deploy-index']);
  const after = await editInEditor(deployment.kernelArguments);
  if (after.join(' ') === deployment.kernelArguments.join(' ') && !args['unchanged-exit-77']) throw sameAsBefore();
  return { deployment, after };
}

/** An editor that was closed without a change is a change of mind. */
const sameAsBefore = (): AotError =>
  new AotError('failed', 'the kernel arguments remained the same', { code: 'unchanged' });

/** The arguments of the kernel that runs, with the changes of a command line. */
export const importedArguments = (args: KargsArgs): string[] =>
  editArguments(ofRunningKernel(readFileSync('/proc/cmdline', 'utf8')), editsOf(args));
