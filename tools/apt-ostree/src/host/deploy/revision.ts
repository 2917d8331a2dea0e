import { AotError } from '@apt-ostree/errors';
import { isChecksum } from '../change/origins.ts';

export type Revision = { checksum: string } | { version: string };

/**
 * Reads a REVISION: `revision=CHECKSUM`, `version=VERSION`, in any case, or one of them alone.
 * @throws AotError `usage` for neither
 */
export function parseRevision(text: string): Revision {
  const [, kind, rest = ''] = /^(revision|version)=(.*)$/is.exec(text) ?? [];
  if (kind?.toLowerCase() === 'revision') {
    if (isChecksum(rest)) return { checksum: rest };
    throw new AotError('usage', `cannot deploy '${text}': '${rest}' is no checksum of a commit`, {
      hint: 'give all of its 64 hexadecimal digits',
    });
  }
  const version = kind === undefined ? text : rest;
  if (version.trim() === '') throw new AotError('usage', `cannot deploy '${text}': it names nothing`);
  return isChecksum(text) ? { checksum: text } : { version };
}
