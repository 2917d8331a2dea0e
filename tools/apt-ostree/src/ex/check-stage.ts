import { tmpdir } from 'node:os';
import type { Context } from '@apt-ostree/cli';
import { AotError } from '@apt-ostree/errors';
import { isStageName, STAGES, type StageName, splitWords } from '@apt-ostree/pipeline';
import { temporaryDirectory } from '@apt-ostree/run';
import { makeSample } from './check-stage/sample.ts';
import { subject } from './check-stage/subject.ts';
import { vectorsOf } from './check-stage/vectors.ts';
import type { CheckStageArgs } from './check-stage.command.ts';

/** `ex check-stage`: a line for each vector, and an error that names those that failed. */
export async function checkStage(args: CheckStageArgs, context: Context): Promise<undefined> {
  const { name } = args;
  if (!isStageName(name))
    throw new AotError('usage', `there is no stage '${name}'`, { hint: `the stages are ${STAGES.join(', ')}` });
  const failed = await failures(name, splitWords(args.command), context);
  if (failed.length > 0)
    throw new AotError('failed', `'${args.command}' cannot be stage '${name}': failed ${failed.join(', ')}`, {
      code: 'no-stage',
    });
}

async function failures(name: StageName, command: readonly string[], context: Context): Promise<string[]> {
  const failed: string[] = [];
  const directory = await temporaryDirectory(tmpdir());
  try {
    const sample = await makeSample(directory.path);
    for (const vector of vectorsOf(name)) {
      const wrong = await vector.check(subject(name, command, sample), sample);
      context.write(wrong === undefined ? `pass ${vector.name}\n` : `FAIL ${vector.name}: ${wrong}\n`);
      if (wrong !== undefined) failed.push(vector.name);
    }
  } finally {
    await directory.remove();
  }
  return failed;
}
