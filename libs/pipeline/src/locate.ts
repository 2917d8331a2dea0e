import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * Finds our own program for a tool: beside the running one, as the checkout and the Debian package lay them out
 * (`TOOL/dist/main.js`), else on PATH. The bundle is run by this very Node, which saves a shell's and env's start.
 * @returns the words to run; a name that is nowhere is returned as it is, and fails with `not found` when it is started
 */
export function ownProgram(tool: string, running = process.argv[1]): string[] {
  const bundle = running === undefined ? '' : join(dirname(realpath(running)), '../..', tool, 'dist/main.js');
  if (bundle !== '' && existsSync(bundle)) return [process.execPath, bundle];
  return [findExecutable(tool, process.env['PATH']) ?? tool];
}

/** The first executable of that name in a list of directories, as in PATH. */
export function findExecutable(name: string, directories: string | undefined): string | undefined {
  return directories
    ?.split(delimiter)
    .filter((d) => d !== '')
    .map((d) => join(d, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function realpath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
