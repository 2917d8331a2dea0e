import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AptRoot, releaseFiles } from '@apt-ostree/apt';
import { explain } from '@apt-ostree/errors';
import { cachePaths, canonicalJson, sha256 } from '@apt-ostree/manifest';
import type { Treefile } from '@apt-ostree/treefile';
import { requestOf } from './request-of.ts';
import type { Resolved } from './resolved.ts';

/** Changes whenever the same inputs would give another answer. */
const GENERATION = 1;

/** Names a solution by all that decides it: request, verified indices, solver, pins of locks. */
export function solutionKey(root: AptRoot, treefile: Treefile, apt: string, locked: unknown): string {
  const releases = releaseFiles(root).map((file) => sha256(readFileSync(file)));
  return sha256(
    canonicalJson([GENERATION, requestOf(treefile), root.sources, root.architectures, releases, apt, locked]),
  );
}

/** A solution from an earlier run, or undefined; what cannot be read counts as not there. */
export function recall(cachedir: string, key: string): Resolved | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(cachedir, key), 'utf8')) as Resolved;
  } catch {
    return undefined;
  }
}

export function remember(cachedir: string, key: string, resolved: Resolved): void {
  const file = fileOf(cachedir, key);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(cachePaths(cachedir).solutions, { recursive: true });
    writeFileSync(temporary, JSON.stringify(resolved));
    renameSync(temporary, file);
  } catch (error) {
    throw explain(error, `cannot keep the solution in '${cachedir}'`);
  }
}

const fileOf = (cachedir: string, key: string): string => join(cachePaths(cachedir).solutions, `${key}.json`);
