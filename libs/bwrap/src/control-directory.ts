import { closeSync, constants, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { CallLog } from './call-log.ts';
import { CONTROL } from './recorders.ts';
import type { Bind } from './sandbox-arguments.ts';

/** How stubs in the sandbox talk to us: a log that they append to, and two FIFOs with which they stop until we looked. */
export interface Control {
  /** The directory on our side. */
  path: string;
  log: CallLog;
  /** Lets the stub that stopped go on. */
  acknowledge(): void;
  /** Called whenever a stub stops. */
  onStop(listener: () => void): void;
  binds: Bind[];
  close(): void;
}

/** The part of a stub that reports something and waits. `read` takes byte by byte, so it eats no other's answer. */
export const stopAndWait = `echo >${CONTROL}/stops; read -r _ <${CONTROL}/go`;

/** Makes the control directory in `memory` (see Overlay). It is read-only inside, apart from the log and the FIFOs. */
export async function makeControl(memory: string): Promise<Control> {
  const path = join(memory, 'control');
  for (const name of ['', 'bin', 'real', 'info']) mkdirSync(join(path, name));
  mkdirSync(join(memory, 'run/aot'));
  writeFileSync(join(path, 'log'), '', { mode: 0o666 });
  await run('mkfifo', [join(path, 'stops'), join(path, 'go')]);
  // opened for both directions a FIFO neither blocks nor ends
  const flags = constants.O_RDWR | constants.O_NONBLOCK;
  const stops = new Socket({ fd: openSync(join(path, 'stops'), flags), readable: true, writable: false });
  const go = openSync(join(path, 'go'), flags);
  const log = new CallLog(join(path, 'log'));
  let listener = () => {};
  stops.on('data', () => listener());
  stops.unref();
  return {
    path,
    log,
    acknowledge: () => void writeSync(go, '\n'),
    onStop: (l) => {
      listener = l;
    },
    binds: [
      { source: path, target: CONTROL },
      { source: join(path, 'log'), target: `${CONTROL}/log`, writable: true },
    ],
    close() {
      stops.destroy();
      closeSync(go);
      log.close();
    },
  };
}
