import { lstatSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import table from './data/recorders.json' with { type: 'json' };
import type { Bind } from './sandbox-arguments.ts';

/** A program that would touch a running system, and what stands in for it. */
export interface Recorder {
  /** Where the program is. */
  path: string;
  /** What the recorder exits with. */
  exit: number;
  /** What it prints on standard output. */
  prints?: string;
  /** With one of these words (or `WORD=...`) among the arguments the real program runs, and the call is recorded too. */
  passThrough?: string[];
  /** Without arguments the real program runs. */
  passThroughWithoutArguments?: boolean;
  /** False where what it makes is made later in a compose: nothing comes later in a container. */
  inContainers?: boolean;
  reason: string;
}

/** The reviewed table. */
export const RECORDERS: readonly Recorder[] = table;

/** Those for dpkg in a container. */
export const CONTAINER_RECORDERS: readonly Recorder[] = RECORDERS.filter((r) => r.inContainers !== false);

/** Where the control directory is, inside. */
export const CONTROL = '/run/aot';

/**
 * Binds recorders over the programs that the tree has, so that no file is left behind, and the real ones below the control
 * directory for calls that pass through. A program that is a link is left alone: what it leads to has a row of its own.
 * @param root the tree
 * @param control the control directory on our side
 */
export function bindRecorders(root: string, control: string): Bind[] {
  const present = RECORDERS.filter((r) => isProgram(root, r.path));
  return present.flatMap((r) => {
    const real = join(control, 'real', basename(r.path));
    writeFileSync(real, '');
    return [
      { source: root + r.path, target: `${CONTROL}/real/${basename(r.path)}` },
      { source: recorderFile(r, control), target: r.path },
    ];
  });
}

/**
 * Puts recorders into the control directory's bin/, which comes first in PATH. For calls of dpkg that unpack: it renames
 * new files into place, which a mount there would refuse.
 */
export function pathRecorders(root: string, control: string): void {
  for (const r of CONTAINER_RECORDERS) if (isProgram(root, r.path)) recorderFile(r, control);
}

/** A regular file, reached through the directories of the merged /usr only. */
const isProgram = (root: string, path: string): boolean => {
  if (lstatSync(root + path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  return realpathSync(root + path) === join(realpathSync(root), path);
};

function recorderFile(recorder: Recorder, control: string): string {
  const directory = join(control, 'bin');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, basename(recorder.path));
  writeFileSync(file, recorderScript(recorder), { mode: 0o755 });
  return file;
}

/** The recorder: one record in the call log (see call-log.ts), then the real program or the answer of the table. */
function recorderScript(recorder: Recorder): string {
  const name = basename(recorder.path);
  const real = `exec "${CONTROL}/real/${name}" "$@"`;
  const words = (recorder.passThrough ?? []).flatMap((w) => (w.startsWith('--') ? [w, `${w}=*`] : [w]));
  return [
    '#!/bin/sh',
    `printf '%s\\0' "$(($# + 2))" C ${name} "$@" >>${CONTROL}/log`,
    ...(recorder.passThroughWithoutArguments ? [`[ $# -gt 0 ] || ${real}`] : []),
    ...(words.length > 0 ? [`for a in "$@"; do case $a in ${words.join('|')}) ${real} ;; esac; done`] : []),
    ...(recorder.prints === undefined ? [] : [`echo '${recorder.prints}'`]),
    `exit ${recorder.exit}`,
    '',
  ].join('\n');
}
