import { type Args, defineTool } from '@apt-ostree/cli';

const REPO = { type: 'string', alias: 'r', valueHint: 'REPO', description: 'the OSTree repository' } as const;

const GPG = {
  'gpg-sign': { type: 'string', multiple: true, valueHint: 'KEY', description: 'sign with this GPG key' },
  'gpg-homedir': { type: 'string', valueHint: 'DIR', description: 'the GPG home directory with the keys' },
} as const;

const PRUNE = {
  repo: REPO,
  keep: { type: 'string', valueHint: 'N', description: 'keep the newest N commits of every ref' },
  'older-than': {
    type: 'string',
    valueHint: 'AGE',
    description: 'remove what is older: 90d, 12h, 4w, or a date as 2026-01-31; the newest commit of a ref stays',
  },
  'dry-run': { type: 'boolean', alias: 'n', description: 'only say what would go, and how large it is' },
} as const;

const DELTAS = {
  ref: { type: 'positional', valueHint: 'REF', required: false, multiple: true, description: 'refs; all without one' },
  repo: REPO,
  max: { type: 'string', valueHint: 'N', default: '1', description: 'deltas for each ref, from its last N commits' },
  'from-scratch': { type: 'boolean', description: 'also one that needs no earlier commit, for new machines' },
} as const;

const SUMMARY = { repo: REPO, ...GPG } as const;

const SIGN = {
  rev: {
    type: 'positional',
    valueHint: 'REV',
    required: false,
    multiple: true,
    description: 'commits, by ref or checksum; the newest of every ref without one',
  },
  repo: REPO,
  ...GPG,
  'sign-ed25519': {
    type: 'string',
    valueHint: 'FILE',
    description: 'sign with the ed25519 secret key in FILE, where libostree can',
  },
} as const;

export type PruneArgs = Args<typeof PRUNE>;
export type DeltasArgs = Omit<Args<typeof DELTAS>, 'ref'> & { ref: string[] };
export type SummaryArgs = Args<typeof SUMMARY>;
export type SignArgs = Omit<Args<typeof SIGN>, 'rev'> & { rev: string[] };

const prune = defineTool({
  name: 'prune',
  summary: 'remove old commits from a repository',
  description: `Removes commits, and every object that only they need, with one run of ostree. Refs stay, with their newest commit. With both options a commit stays that either of them keeps.`,
  args: PRUNE,
  examples: [
    {
      command: 'apt-ostree compose repo prune --repo build/repo --keep 5 --dry-run',
      text: 'Say what would go if every ref kept five commits.',
    },
  ],
  seeAlso: ['ostree-prune(1)', 'apt-ostree-compose-repo-deltas(1)'],
  work: async () => (await import('./prune.ts')).prune,
});

const deltas = defineTool({
  name: 'deltas',
  summary: 'make static deltas between the last commits of refs',
  description: `A static delta is what a client needs to come from one commit to another, in few requests. They are made to the newest commit of each ref; those that this run would not make any more are removed. Clients find them by the summary: update it afterwards.`,
  args: DELTAS,
  examples: [
    {
      command: 'apt-ostree compose repo deltas --repo build/repo --max 3',
      text: 'Let machines that are up to three commits behind come up to date by a delta.',
    },
  ],
  seeAlso: ['ostree-static-delta(1)', 'apt-ostree-compose-repo-summary(1)'],
  work: async () => (await import('./deltas.ts')).deltas,
});

const summary = defineTool({
  name: 'summary',
  summary: 'write the summary of a repository',
  description: `The summary lists refs and static deltas for clients. A signature belongs to one summary: sign every time, or clients that ask for signed summaries refuse it.`,
  args: SUMMARY,
  examples: [
    {
      command: 'apt-ostree compose repo summary --repo build/repo --gpg-sign builder@example.org',
      text: 'Write the summary and sign it.',
    },
  ],
  seeAlso: ['ostree-summary(1)'],
  work: async () => (await import('./summary.ts')).summary,
});

const sign = defineTool({
  name: 'sign',
  summary: 'sign commits that are there',
  description:
    'Adds signatures to commits; their checksums stay. A commit that has the signature already is left alone.',
  args: SIGN,
  examples: [
    {
      command: 'apt-ostree compose repo sign --repo build/repo --gpg-sign builder@example.org debian/13/amd64/server',
      text: 'Sign the newest commit of a ref.',
    },
  ],
  seeAlso: ['ostree-gpg-sign(1)', 'ostree-sign(1)'],
  work: async () => (await import('./sign.ts')).sign,
});

export const repo = defineTool({
  name: 'repo',
  summary: 'keep a repository that machines pull from',
  subCommands: [prune, deltas, summary, sign],
});
