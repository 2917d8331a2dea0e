import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { type InputFile, sha256 } from '@apt-ostree/manifest';

/**
 * Holds the files beside the treefile against what was seen when it was read. Later stages call this before they use any.
 * @param root the source root
 * @throws AotError `data`, naming the file that changed or is gone
 */
export function verifyInputs(inputs: readonly InputFile[], root: string): void {
  for (const input of inputs) {
    const file = openBeneath(root, input.path);
    const same = sha256(file.read()) === input.sha256 && isExecutable(file.mode) === input.executable;
    if (!same) throw unusable(input.path, root, 'it changed since the treefile was read', 'resolve the treefile again');
  }
}

/** A regular file beneath a root, also through links. */
export function openBeneath(root: string, path: string): { mode: number; read: () => Uint8Array } {
  try {
    const [base, real] = [realpathSync(root), realpathSync(join(root, path))];
    if (!real.startsWith(base === sep ? sep : base + sep))
      throw unusable(path, root, 'it leads out of the source root');
    const { mode } = statSync(real);
    return { mode, read: () => readFileSync(real) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw unusable(path, root, 'it cannot be read', `give the treefile's directory with --source-root`);
  }
}

export const isExecutable = (mode: number): boolean => (mode & 0o100) !== 0;

const unusable = (path: string, root: string, why: string, hint?: string): AotError =>
  new AotError('data', `cannot use '${path}' in '${root}': ${why}`, { hint, code: 'changed-input' });
