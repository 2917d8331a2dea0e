import { writeFileSync } from 'node:fs';
import { span } from '@apt-ostree/run';
import { aptGet } from './apt-get.ts';
import type { AptRoot } from './private-root.ts';
import { rootPaths } from './root-config.ts';
import { updateError } from './update-error.ts';

/** The solver makes apt's binary cache where it is out of date; `update` alone would make it anew each time. */
const UPDATE = ['update', '-q', '-o', 'pkgCacheFile::Generate=false'];

/**
 * Brings the indices of a private root up to date; apt verifies them. The caller holds the root's lock.
 * @returns apt's warnings
 * @throws AotError `unavailable` for archives that cannot be reached, `data` for indices that are unsigned, signed by
 * another key, expired, cut or not what the Release file says; each source is named
 */
export async function updateIndices(root: AptRoot, signal?: AbortSignal): Promise<string[]> {
  const result = await span('phase', 'index', () => aptGet(root, UPDATE, signal));
  const lines = `${result.stdout}\n${result.stderr}`.split('\n');
  if (result.exitCode !== 0) throw updateError(root, lines);
  writeFileSync(rootPaths(root.path).complete, '');
  return lines.filter((l) => l.startsWith('W: ')).map((l) => l.slice(3));
}
