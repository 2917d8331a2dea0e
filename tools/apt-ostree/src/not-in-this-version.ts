import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';

/** Says that a command is known and not there yet; never success. */
export async function notInThisVersion(_args: unknown, context: Context): Promise<undefined> {
  throw new AotError('failed', `not in this version: '${context.path.join(' ')}'`, {
    code: 'not-in-this-version',
    hint: "see 'apt-ostree --help' for the commands that are there",
  });
}
