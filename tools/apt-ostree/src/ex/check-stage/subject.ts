import { type Kind, type Manifests, serialize } from '@apt-ostree/manifest';
import type { StageName } from '@apt-ostree/pipeline';
import { run } from '@apt-ostree/run';
import type { Sample } from './sample.ts';

/** How long one vector may take, milliseconds. */
const LIMIT = 60_000;

export interface Outcome {
  exit: number;
  stdout: string;
  stderr: string;
}

/** The program under test, as the front end would call it. */
export interface Subject {
  reads: Kind | undefined;
  writes: Kind;
  /** Its good input, as text. */
  input: string;
  /** Runs it; without arguments and input of its own, as in a pipeline that goes well. */
  run(changes?: { args?: string[]; extra?: string[]; input?: string }): Promise<Outcome>;
}

const KINDS: Record<StageName, { reads?: Kind; writes: Kind }> = {
  resolve: { writes: 'aot.packages/v1' },
  fetch: { reads: 'aot.packages/v1', writes: 'aot.archives/v1' },
  unpack: { reads: 'aot.archives/v1', writes: 'aot.rootfs/v1' },
  sandbox: { reads: 'aot.rootfs/v1', writes: 'aot.rootfs/v1' },
  commit: { reads: 'aot.rootfs/v1', writes: 'aot.commit/v1' },
};

/** The arguments that the front end gives to a stage. */
function argumentsOf(stage: StageName, s: Sample): string[] {
  const cachedir = ['--cachedir', s.cachedir];
  const root = ['--source-root', s.directory];
  return {
    resolve: [...cachedir, s.treefile],
    fetch: [...cachedir, ...root, '--offline'],
    unpack: [...cachedir, '--rootfs', `${s.directory}/rootfs`],
    sandbox: [...cachedir, ...root],
    commit: [...cachedir, ...root, '--repo', `${s.directory}/repo`],
  }[stage];
}

export function subject(stage: StageName, command: readonly string[], sample: Sample): Subject {
  const { reads, writes } = KINDS[stage];
  const input = reads === undefined ? '' : serialize(inputOf(reads, sample));
  const normal = argumentsOf(stage, sample);
  const [file = '', ...words] = command;
  return {
    reads,
    writes,
    input,
    async run(changes = {}) {
      const args = [...words, ...(changes.args ?? normal), ...(changes.extra ?? [])];
      const result = await run(file, args, { input: changes.input ?? input, ok: 'any', timeout: LIMIT });
      return { exit: result.exitCode, stdout: result.stdout, stderr: result.stderr };
    },
  };
}

function inputOf(kind: Kind, sample: Sample): Manifests[Kind] {
  if (kind === 'aot.packages/v1') return sample.packages;
  return kind === 'aot.archives/v1' ? sample.archives : sample.rootfs;
}
