import { join } from 'node:path';
import { AotError, type ExitName } from '@apt-ostree/errors';
import { freeBytes, megabytes } from '@apt-ostree/host';

interface Reason {
  pattern: RegExp;
  exit: ExitName;
  code: string;
  text: string | ((repo: string) => string);
  hint?: (remote: string) => string;
}

/** What libostree says, in our words; its own follow. The first that fits counts. */
const REASONS: Reason[] = [
  {
    pattern: /no signatures found/i,
    exit: 'data',
    code: 'unsigned',
    text: 'it has no signature',
    hint: (remote) => `whoever makes remote '${remote}' must sign commits; nothing was changed`,
  },
  {
    pattern: /public key not found|GPG|signature/i,
    exit: 'data',
    code: 'bad-signature',
    text: 'its signature cannot be verified',
    hint: (remote) => `'ostree remote gpg-import ${remote}' adds the key of whoever makes it; nothing was changed`,
  },
  {
    pattern:
      /checksum expected=|corrupt|^Parsing |exceeds size|invalid|unexpected|Expected.*type|decompress|truncated|too short/i,
    exit: 'data',
    code: 'damaged',
    text: 'the repository there is damaged',
    hint: () => 'nothing was changed; run the command again once it is repaired',
  },
  {
    pattern:
      /objects\/\S+\.(filez?|dirtree|dirmeta)\b.*404|Couldn't find file object|No such metadata object \w+\.dir/is,
    exit: 'data',
    code: 'incomplete',
    text: 'the repository there lacks a part of it',
    hint: () => 'nothing was changed; run the command again once it is whole',
  },
  {
    pattern: /no such branch|No such ref|Refspec .*not found|refs\/heads.*404|404.*refs\/heads/is,
    exit: 'noInput',
    code: 'no-such-ref',
    text: 'there is no such branch',
    hint: (remote) => `see 'ostree remote refs ${remote}'`,
  },
  {
    pattern: /404/,
    exit: 'unavailable',
    code: 'not-there',
    text: 'it is not there',
    hint: (remote) => `see 'ostree remote refs ${remote}'`,
  },
  {
    pattern: /no space left|min-free-space/i,
    exit: 'io',
    code: 'full',
    text: (repo) => `the disk is full, ${megabytes(freeBytes(join(repo, 'tmp')))} are free on '${repo}'`,
    hint: () => "'apt-ostree cleanup --base --rollback' makes space; what was downloaded is kept",
  },
  {
    pattern: /While fetching|resolve|connect|timed? ?out|curl|HTTP|transfer closed|reset by peer|network/i,
    exit: 'unavailable',
    code: 'unavailable',
    text: 'the connection failed',
    hint: () => 'run the command again: what was downloaded is kept',
  },
];

/**
 * The error for a pull that failed.
 * @param repo the repository that it was for
 */
export function pullError(stderr: string, remote: string, what: string, repo: string): AotError {
  const said = stderr
    .replace(/^error: /gm, '')
    .trim()
    .replace(/\s*\n\s*/g, '; ');
  const commit = /\bCommit ([0-9a-f]{64})\b/.exec(said)?.[1];
  const named = commit !== undefined && commit !== what ? `'${what}' (commit '${commit}')` : `'${what}'`;
  const reason = REASONS.find((r) => r.pattern.test(said));
  const why = reason === undefined ? said || 'ostree ended without a word' : `${textOf(reason, repo)}: ${said}`;
  return new AotError(reason?.exit ?? 'failed', `cannot pull ${named} from remote '${remote}': ${why}`, {
    hint: reason?.hint?.(remote),
    code: reason?.code ?? 'pull-failed',
  });
}

const textOf = ({ text }: Reason, repo: string): string => (typeof text === 'string' ? text : text(repo));
