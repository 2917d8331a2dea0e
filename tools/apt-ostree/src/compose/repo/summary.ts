import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { ostree } from '@apt-ostree/ostree';
import type { SummaryArgs } from './command.ts';
import { findKeys } from './gpg-keys.ts';
import { count, listRefs, requireRepository } from './repository.ts';

/** `compose repo summary`: written anew, and signed when a key is given. */
export async function summary(args: SummaryArgs, context: Context): Promise<string> {
  const repo = requireRepository(args.repo);
  const keys = args['gpg-sign'];
  const home = args['gpg-homedir'];
  if (home !== undefined && keys.length === 0) {
    throw new AotError('usage', 'option --gpg-homedir needs --gpg-sign', { hint: 'name the key that signs' });
  }
  await findKeys(keys, home);
  const signed = existsSync(join(repo, 'summary.sig'));
  const options = [...keys.map((key) => `--gpg-sign=${key}`), ...(home === undefined ? [] : [`--gpg-homedir=${home}`])];
  await ostree(repo, ['summary', '--update', ...options], `cannot write the summary of '${repo}'`, context.signal);
  if (signed && keys.length === 0)
    context.warn('the summary was signed, and is not any more: clients that ask for a signature refuse it');
  const refs = await listRefs(repo);
  return `Summary: ${count(refs.length, 'ref')}, ${keys.length === 0 ? 'not signed' : `signed by ${keys.join(', ')}`}\n`;
}
