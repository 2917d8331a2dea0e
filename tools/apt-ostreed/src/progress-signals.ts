import { PHASE_TEXT, type ProgressEvent } from '@apt-ostree/cli';

/** A signal of a transaction with its arguments. */
export type ProgressSignal = [name: string, ...body: unknown[]];

/** The signals of rpm-ostree's transactions that say what a line of --progress-fd says. */
export function progressSignals(line: string, elapsed: number): ProgressSignal[] {
  const event = parse(line);
  if (event === undefined) return [];
  const text = PHASE_TEXT[event.phase] ?? event.phase;
  if (event.type === 'begin') return [['TaskBegin', text]];
  if (event.type === 'end') return [['ProgressEnd'], ['TaskEnd', 'done']];
  if (event.unit === 'bytes') return [download(event, elapsed)];
  if (event.total === null || event.total <= 0) return [];
  return [['PercentProgress', text, Math.min(100, Math.floor((100 * event.done) / event.total))]];
}

/** Of a download only bytes are known: its start and length, nothing outstanding, what came and how fast. */
function download({ done }: ProgressEvent, elapsed: number): ProgressSignal {
  const rate = elapsed > 0 ? Math.round(done / elapsed) : 0;
  const time = [BigInt(0), BigInt(Math.round(elapsed))];
  return ['DownloadProgress', time, [0, 0], [0, 0, 0], [0, 0, 0, BigInt(0)], [0, 0], [BigInt(done), BigInt(rate)]];
}

function parse(line: string): ProgressEvent | undefined {
  try {
    return JSON.parse(line) as ProgressEvent;
  } catch {
    return undefined;
  }
}
