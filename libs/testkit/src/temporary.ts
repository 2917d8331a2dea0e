import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '@apt-ostree/run';

/** Holds the directories of this process. */
let parent: string | undefined;

/**
 * Makes a directory for a test. Handed the test runner's own hook (`temporary(onTestFinished)`, `temporary(afterAll)`),
 * it is removed then; else when the process ends.
 */
export function temporary(later?: (remove: () => void) => unknown): string {
  parent ??= reaped(mkdtempSync(join(tmpdir(), 'aot-test-')));
  const path = mkdtempSync(join(parent, 'd'));
  later?.(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Test runners kill their workers: a child that sees our end of a pipe close removes the directory. */
function reaped(path: string): string {
  const { child } = start('sh', ['-c', 'cat >/dev/null; rm -rf -- "$1"', 'sh', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  (child.stdin as Socket).unref();
  return path;
}
