import { canonicalJson, parseManifest } from '@apt-ostree/manifest';
import type { StageName } from '@apt-ostree/pipeline';
import type { Outcome, Subject } from './subject.ts';
import type { Vector } from './vectors.ts';

/** Stages whose output has nothing of the clock in it, and which change nothing that they read. */
const REPEATABLE: readonly StageName[] = ['resolve', 'fetch'];
/** Stages that hand on what the one before said. */
const HANDING_ON: readonly StageName[] = ['fetch', 'unpack', 'sandbox'];

const firstMember = /^\s*\{\s*"kind"\s*:\s*"([^"]*)"/;

/** What a stage does with good input. */
export const good = (stage: StageName): Vector[] => [
  { name: 'succeeds', check: async (s) => failure(await s.run()) },
  {
    name: 'kind-first',
    check: async (s) => {
      const kind = firstMember.exec((await s.run()).stdout)?.[1];
      return kind === s.writes ? undefined : `the first member is not "kind": "${s.writes}"`;
    },
  },
  { name: 'one-document', check: async (s) => oneDocument((await s.run()).stdout) },
  { name: 'valid-manifest', check: async (s) => invalid(s, (await s.run()).stdout) },
  ...(stage === 'resolve'
    ? []
    : [{ name: 'treefile-carried', check: (s: Subject) => carried(s, 'treefile', s.input) }]),
  ...(HANDING_ON.includes(stage) ? [{ name: 'unknown-members-carried', check: unknownMembers }] : []),
  ...(REPEATABLE.includes(stage) ? [{ name: 'same-bytes-twice', check: sameTwice }] : []),
];

const failure = ({ exit, stderr }: Outcome): string | undefined =>
  exit === 0 ? undefined : `it ended with ${exit}: ${stderr.trim().split('\n').at(-1) ?? ''}`;

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const oneDocument = (stdout: string): string | undefined =>
  parse(stdout) === undefined ? 'standard output is not one JSON document and nothing else' : undefined;

function invalid(subject: Subject, stdout: string): string | undefined {
  try {
    parseManifest(stdout, [subject.writes], 'standard output');
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function carried(subject: Subject, member: string, input: string): Promise<string | undefined> {
  const after = parse((await subject.run({ input })).stdout)?.[member];
  const before = parse(input)?.[member];
  return canonicalJson(before ?? null) === canonicalJson(after ?? null)
    ? undefined
    : `member '${member}' was not handed on as it was`;
}

async function unknownMembers(subject: Subject): Promise<string | undefined> {
  const member = 'x-check-stage';
  const input = JSON.stringify({ ...parse(subject.input), [member]: { list: [1, null, 'two'] } });
  return carried(subject, member, input);
}

async function sameTwice(subject: Subject): Promise<string | undefined> {
  const first = await subject.run();
  const second = await subject.run();
  return first.stdout !== '' && first.stdout === second.stdout
    ? undefined
    : 'two runs with the same input gave different bytes';
}
