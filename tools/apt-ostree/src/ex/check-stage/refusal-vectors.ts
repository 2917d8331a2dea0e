import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT } from '@apt-ostree/errors';
import type { StageName } from '@apt-ostree/pipeline';
import type { Sample } from './sample.ts';
import type { Outcome, Subject } from './subject.ts';
import type { Vector } from './vectors.ts';

/** What a stage refuses, with which exit code, and with nothing on standard output. */
export const refusals = (stage: StageName): Vector[] => [
  ...(stage === 'resolve' ? treefiles : manifests),
  ...(stage === 'unpack' ? archives : []),
  ...(stage === 'fetch' ? offline : []),
  ...usage,
];

const vector = (
  name: string,
  exit: number | undefined,
  changes: (s: Subject, sample: Sample) => Parameters<Subject['run']>[0],
): Vector => ({
  name,
  check: async (subject, sample) => refused(await subject.run(changes(subject, sample)), exit),
});

/** @param exit the exit code that is wanted; undefined: any failure */
function refused({ exit: got, stdout, stderr }: Outcome, exit: number | undefined): string | undefined {
  if (got === 0) return `it succeeded, and had to fail${exit === undefined ? '' : ` with ${exit}`}`;
  if (exit !== undefined && got !== exit) return `it ended with ${got} instead of ${exit}`;
  if (stdout !== '') return 'it failed, and standard output is not empty';
  return stderr.trim() === '' ? 'it failed without a word on standard error' : undefined;
}

const member = (text: string, name: string, value: unknown): string =>
  JSON.stringify({ ...(JSON.parse(text) as object), [name]: value });

const manifests: Vector[] = [
  vector('empty-input', EXIT.noInput, () => ({ input: '' })),
  vector('cut-input', EXIT.data, (s) => ({ input: s.input.slice(0, s.input.length / 2) })),
  vector('not-json', EXIT.data, () => ({ input: 'packages: [bash]\n' })),
  vector('wrong-kind', EXIT.data, (s) => ({ input: member(s.input, 'kind', 'aot.sample/v1') })),
  vector('newer-version', EXIT.data, (s) => ({ input: member(s.input, 'kind', s.reads?.replace('/v1', '/v2')) })),
  vector('no-kind', EXIT.data, (s) => ({ input: member(s.input, 'kind', undefined) })),
  vector('missing-member', undefined, (s) => ({ input: member(s.input, 'packages', undefined) })),
];

const treefiles: Vector[] = [
  vector('no-treefile', EXIT.noInput, (_, sample) => ({
    args: ['--cachedir', sample.cachedir, join(sample.directory, 'nothing.yaml')],
  })),
  vector('unknown-key', EXIT.config, (_, sample) => treefile(sample, { ref: 'a', pakages: ['aot-sample'] })),
  vector('unknown-package', EXIT.failed, (_, sample) =>
    treefile(sample, { ref: 'a', repos: ['sample'], 'trusted-repos': ['sample'], packages: ['aot-nothing'] }),
  ),
];

function treefile(sample: Sample, content: object): { args: string[] } {
  const file = join(sample.directory, 'other.json');
  writeFileSync(file, JSON.stringify(content));
  return { args: ['--cachedir', sample.cachedir, file] };
}

const archives: Vector[] = [
  vector('wrong-archive', EXIT.data, (_, { archives: good, cachedir }) => {
    const file = 'archives/wrong.deb';
    writeFileSync(join(cachedir, file), 'this is no archive\n');
    const renamed = { sha256: 'e'.repeat(64) }; // one that no cache has seen
    const packages = good.packages.map((p) => ({ ...p, ...renamed }));
    return {
      input: JSON.stringify({ ...good, packages, archives: good.archives.map((a) => ({ ...a, ...renamed, file })) }),
    };
  }),
];

const offline: Vector[] = [
  vector('offline-and-not-there', undefined, (s, sample) => {
    const [item] = sample.packages.packages;
    return { input: member(s.input, 'packages', [{ ...item, sha256: 'f'.repeat(64) }]) };
  }),
];

const usage: Vector[] = [
  vector('unknown-option', EXIT.usage, () => ({ extra: ['--no-such-option'] })),
  vector('surplus-argument', EXIT.usage, () => ({ extra: ['surplus-argument'] })),
  vector('repeated-option', EXIT.usage, (_, sample) => ({ extra: ['--cachedir', sample.cachedir] })),
];
