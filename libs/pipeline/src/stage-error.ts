import { AotError, EXIT, type ExitName } from '@apt-ostree/errors';
import type { RunningStage } from './running-stage.ts';

/** The one object that --json-errors prints. */
export interface StageError {
  code: string;
  message: string;
  hint: string | null;
  stage: string;
  /** The exit code that it means: a porcelain's own is always 1. */
  exit: number;
}

/** Reads a line of --json-errors; undefined when it is anything else. */
export function stageErrorOf(line: string): StageError | undefined {
  if (!line.startsWith('{"error":')) return undefined;
  try {
    const { error } = JSON.parse(line) as { error: StageError };
    return typeof error.message === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The error of a pipeline whose stage failed by itself: in the stage's own words where it has said any.
 * @param before the stage whose output was its standard input
 */
export function blame(failed: RunningStage, before?: string): AotError {
  if (failed.wrongOutput) {
    const { exit, message, hint, code } = failed.wrongOutput;
    const { name, command } = failed.stage;
    return new AotError(exitName(exit), withSource(message, name), {
      hint: hint ?? `its command is: ${command.join(' ')}`,
      ...{ code, stage: name },
    });
  }
  const { code, signal } = failed.ending ?? { code: null, signal: null };
  const exit = exitName(code);
  if (failed.error) {
    const { message, hint, code: name } = failed.error;
    return new AotError(exit, withSource(message, before), {
      hint: hint ?? undefined,
      code: name,
      stage: failed.stage.name,
    });
  }
  const how = signal ? `was killed by ${signal}` : `ended with ${code}`;
  const said = failed.tail.filter((line) => !/^(hint: |\| )/.test(line)).at(-1);
  return new AotError(exit, `stage '${failed.stage.name}' failed: it ${how}${said ? `: ${said}` : ''}`, {
    hint: `its command is: ${failed.stage.command.join(' ')}`,
    stage: failed.stage.name,
    code: 'stage-failed',
  });
}

/** A stage cannot know whose output is wrong: an inserted one's, perhaps. */
const withSource = (message: string, before: string | undefined): string =>
  before === undefined
    ? message
    : message.replace(/ manifest from standard input(?=:)/, ` manifest from stage '${before}'`);

const exitName = (code: number | null): ExitName => {
  const found = Object.entries(EXIT).find(([name, value]) => value === code && name !== 'ok');
  return (found?.[0] as ExitName | undefined) ?? 'failed';
};
