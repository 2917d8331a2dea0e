import { isAotError } from '@apt-ostree/errors';
import { RunningStage, type Surroundings } from './running-stage.ts';
import type { Stage } from './stage.ts';
import { blame } from './stage-error.ts';

export interface PipelineOptions extends Surroundings {
  /** What the first stage reads, now or once it is known; without it, its standard input is empty. */
  input?: string | Promise<string>;
  signal?: AbortSignal;
  /** Called with the whole output of a stage once it has ended well. */
  output?(stage: Stage, text: string): void;
}

/**
 * Runs stages as processes, each one's standard output the next one's standard input. All run at once. A stage sees the
 * end of its input only after the one before it has ended well and, where that is not one of ours, has written what it is
 * to write. So a failure never looks like a short manifest, and the stage that failed by itself is the one that is blamed.
 * When one fails, the input does not come or `signal` comes, the others are ended and waited for.
 * @returns the output of the last stage
 * @throws AotError what the earliest stage that failed by itself said, or the signal's reason
 */
export async function runPipeline(stages: readonly Stage[], options: PipelineOptions): Promise<string> {
  const running = stages.map((stage, i) => new RunningStage(stage, i === 0 && options.input === undefined, options));
  const stopAll = () => {
    for (const r of running) r.stop();
  };
  options.signal?.addEventListener('abort', stopAll);
  try {
    const outputs = connect(running, options, stopAll);
    let lacking: { reason: unknown } | undefined;
    feed(running[0], options.input).catch((reason) => {
      lacking = { reason };
      stopAll();
    });
    await Promise.all(running.map((r) => settle(r, stopAll)));
    options.signal?.throwIfAborted();
    if (lacking !== undefined) throw (lacking as { reason: unknown }).reason;
    await Promise.allSettled([outputs]); // only then is it known whose output was wrong
    const culprit = running.findIndex((r) => r.failed && !r.stopped);
    if (culprit >= 0) throw blame(running[culprit] as RunningStage, running[culprit - 1]?.stage.name);
    return (await outputs).at(-1) ?? '';
  } finally {
    options.signal?.removeEventListener('abort', stopAll);
    stopAll();
    await Promise.allSettled(running.map((r) => r.ended));
  }
}

/** A failure of one ends the rest; a program that cannot be started is a failure that nobody outdoes. */
async function settle(stage: RunningStage, stopAll: () => void): Promise<void> {
  try {
    const { code } = await stage.ended;
    if (code !== 0 && !stage.stopped) stopAll();
  } catch (error) {
    stopAll();
    throw error;
  }
}

async function feed(first: RunningStage | undefined, input: PipelineOptions['input']): Promise<void> {
  first?.stdin?.on('error', () => {}); // it ended without reading: how it ended says why
  if (input !== undefined) first?.stdin?.end(await input);
}

function connect(running: RunningStage[], options: PipelineOptions, stopAll: () => void): Promise<string[]> {
  return Promise.all(running.map((r, i) => passOn(r, running[i + 1], options, stopAll)));
}

/** Hands a stage's output on as it comes, and its end once the stage has ended well. */
async function passOn(
  from: RunningStage,
  to: RunningStage | undefined,
  options: PipelineOptions,
  stopAll: () => void,
): Promise<string> {
  const check = !from.stage.own && from.stage.writes !== undefined;
  const keep = to === undefined || options.output !== undefined || check;
  const chunks: Buffer[] = [];
  if (keep) from.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (to?.stdin) {
    const { stdin } = to;
    from.stdout.pipe(stdin, { end: false });
    stdin.on('error', () => {}); // it stopped reading: how it ends says whether that is wrong
    stdin.on('close', () => from.stdout.resume());
  }
  const ending = await from.ended.catch(() => undefined);
  if (ending?.code !== 0 || from.stopped) return '';
  const text = keep ? Buffer.concat(chunks).toString('utf8') : '';
  if (check && !(await isRight(from, text))) {
    stopAll();
    return '';
  }
  to?.stdin?.end();
  options.output?.(from.stage, text);
  return text;
}

async function isRight(from: RunningStage, text: string): Promise<boolean> {
  const { checkOutput } = await import('./check-output.ts'); // few pipelines have such a stage
  try {
    await checkOutput(from.stage, text);
    return true;
  } catch (error) {
    if (!isAotError(error)) throw error;
    from.wrongOutput = error;
    return false;
  }
}
