import { type Kind, type Manifests, serialize } from '@apt-ostree/manifest';
import { STAGES, type StageName, WRITES } from '@apt-ostree/pipeline';
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

/** A stage reads what the one before it writes. */
const readsOf = (stage: StageName): Kind | undefined => {
  const before = STAGES[STAGES.indexOf(stage) - 1];
  return before === undefined ? undefined : WRITES[before];
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
  const reads = readsOf(stage);
  const writes = WRITES[stage];
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
