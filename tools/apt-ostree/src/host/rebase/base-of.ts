import { AotError } from '@apt-ostree/errors';
import { formatRefspec, isImageReference, parseRefspec, type Refspec } from '@apt-ostree/host';
import { isChecksum } from '../change/origins.ts';

export type NewBase =
  | { kind: 'branch'; refspec: Refspec }
  | { kind: 'commit'; checksum: string }
  | { kind: 'local'; path: string; ref: string }
  | { kind: 'image'; reference: string };

/** How a command line names a base. */
export interface BaseArgs {
  refspec?: string | undefined;
  branch?: string | undefined;
  remote?: string | undefined;
}

/**
 * Reads what a rebase goes to: what is left out is taken from the branch that is followed now.
 * @throws AotError `usage` for what is no base, `failed` for what is the base already
 */
export function newBase(args: BaseArgs, now: Refspec | undefined): NewBase {
  const text = askedFor(args);
  if (isImageReference(text)) return { kind: 'image', reference: text };
  if (text.startsWith('/')) return localBase(text);
  if (isChecksum(text)) return { kind: 'commit', checksum: text };
  const whole = complete(text, now);
  if (now !== undefined && formatRefspec(whole) === formatRefspec(now))
    throw new AotError('failed', `Old and new refs are equal: ${formatRefspec(now)}`, { code: 'same-ref' });
  return { kind: 'branch', refspec: whole };
}

/**
 * The refspec that a command line means, whether it is one or two options.
 * @throws AotError `usage` for none, and for both
 */
export function askedFor({ refspec, branch, remote }: BaseArgs): string {
  const text = refspec ?? fromOptions(branch, remote);
  if (refspec !== undefined && (branch !== undefined || remote !== undefined))
    throw new AotError('usage', "cannot use REFSPEC together with '--branch' or '--remote'");
  if (text === '') throw new AotError('usage', 'Refspec is empty');
  return text;
}

function fromOptions(branch: string | undefined, remote: string | undefined): string {
  if (branch === undefined && remote === undefined)
    throw new AotError('usage', 'Must specify refspec, or -b branch or -m remote');
  return remote === undefined ? (branch as string) : `${remote}:${branch ?? ''}`;
}

function localBase(text: string): NewBase {
  const at = text.lastIndexOf(':');
  if (at < 0)
    throw new AotError('usage', "Missing ':' in LOCALPATH:REF rebase", { hint: `as in '${text}:debian/13/server'` });
  return { kind: 'local', path: text.slice(0, at), ref: parseRefspecOrCommit(text.slice(at + 1)) };
}

const parseRefspecOrCommit = (text: string): string => (isChecksum(text) ? text : parseRefspec(text).branch);

/** `REMOTE:` keeps the branch, `BRANCH` the remote; `:BRANCH` has no remote. */
function complete(text: string, now: Refspec | undefined): Refspec {
  if (text.startsWith(':')) return { remote: undefined, branch: parseRefspec(text.slice(1)).branch };
  if (text.endsWith(':')) {
    if (now === undefined)
      throw new AotError('usage', `cannot rebase to '${text}': no branch is followed now`, {
        hint: 'give [REMOTE:]BRANCH',
      });
    return parseRefspec(`${text}${now.branch}`);
  }
  const { remote, branch } = parseRefspec(text);
  return { remote: remote ?? now?.remote, branch };
}
