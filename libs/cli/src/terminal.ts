import type { ProgressEvent } from './progress.ts';

/** What a phase is called where people see it. */
export const PHASE_TEXT: Record<ProgressEvent['phase'], string> = {
  index: 'Updating indices',
  solve: 'Resolving dependencies',
  download: 'Downloading packages',
  import: 'Importing packages',
  layers: 'Fetching layers',
  assemble: 'Assembling tree',
  unpack: 'Unpacking packages',
  scripts: 'Running scripts',
  postprocess: 'Post-processing',
  initramfs: 'Generating initramfs',
  commit: 'Writing OSTree commit',
  export: 'Writing image layers',
};

/** Bytes for people: 15.2 MB, with powers of ten as rpm-ostree prints them. */
export function humanBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}

/** Draws bars on a terminal, and a line at the end of each phase elsewhere. */
export function terminalSink(stream: NodeJS.WriteStream): (event: ProgressEvent) => void {
  const began = new Map<string, number>();
  let width = 0;
  const clear = () => {
    if (width > 0) stream.write(`\r${' '.repeat(width)}\r`);
    width = 0;
  };
  return (event) => {
    if (event.type === 'begin') began.set(event.phase, performance.now());
    const seconds = (performance.now() - (began.get(event.phase) ?? performance.now())) / 1000;
    if (event.type === 'end') {
      clear();
      stream.write(`${PHASE_TEXT[event.phase]}... done${detail(event)}\n`);
    } else if (stream.isTTY) {
      const text = bar(event, seconds, stream.columns ?? 80);
      clear();
      stream.write(text);
      width = text.length;
    }
  };
}

function detail(event: ProgressEvent): string {
  if (event.done === 0) return '';
  return event.unit === 'bytes' ? ` (${humanBytes(event.done)})` : ` (${event.done})`;
}

function bar(event: ProgressEvent, seconds: number, columns: number): string {
  const rate = event.unit === 'bytes' && seconds > 0.5 ? `, ${humanBytes(Math.round(event.done / seconds))}/s` : '';
  const amount = (n: number) => (event.unit === 'bytes' ? humanBytes(n) : String(n));
  const count = event.total ? ` ${amount(event.done)} of ${amount(event.total)}${rate}` : '';
  return `${PHASE_TEXT[event.phase]}...${count}${event.name ? ` ${event.name}` : ''}`.slice(0, columns - 1);
}
