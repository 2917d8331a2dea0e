import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the end of the process removes. */
const left = new Set<string>();

/**
 * Makes a directory for a test. Handed the test runner's own hook (`temporary(onTestFinished)`, `temporary(afterAll)`),
 * it is removed then; else when the process ends.
 */
export function temporary(later?: (remove: () => void) => unknown): string {
  const path = mkdtempSync(join(tmpdir(), 'aot-test-'));
  left.add(path);
  later?.(() => remove(path));
  return path;
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
  left.delete(path);
}

process.once('exit', () => {
  for (const path of left) remove(path);
});
