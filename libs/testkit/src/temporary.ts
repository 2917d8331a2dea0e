import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes a directory for a test. Handed the test runner's own hook (`temporary(onTestFinished)`, `temporary(afterAll)`),
 * it is removed then; else when the process ends.
 */
export function temporary(later?: (remove: () => void) => unknown): string {
  const path = mkdtempSync(join(tmpdir(), 'aot-test-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  if (later) later(remove);
  else process.once('exit', remove);
  return path;
}
