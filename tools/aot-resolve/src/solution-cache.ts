import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AptRoot, releaseFiles } from '@apt-ostree/apt';
import { cachePaths, canonicalJson, sha256 } from '@apt-ostree/manifest';
import { makeDirectories, replaceFile } from '@apt-ostree/run';
import type { Treefile } from '@apt-ostree/treefile';
import { requestOf } from './request-of.ts';
import type { Resolved } from './resolved.ts';

/** Changes whenever the same inputs would give another answer. */
const GENERATION = 2;

/** Names a solution by all that decides it: request, verified indices, solver, pins of locks. */
export function solutionKey(root: AptRoot, treefile: Treefile, apt: string, locked: unknown): string {
  const releases = releaseFiles(root).map((file) => sha256(readFileSync(file)));
  return sha256(
    canonicalJson([GENERATION, requestOf(treefile), root.sources, root.architectures, releases, apt, locked]),
  );
}

/** A solution from an earlier run, or undefined; a file that was cut or changed counts as not there. */
export function recall(cachedir: string, key: string): Resolved | undefined {
  try {
    const text = readFileSync(fileOf(cachedir, key), 'utf8');
    const end = text.indexOf('\n');
    return sha256(text.slice(end + 1)) === text.slice(0, end) ? JSON.parse(text.slice(end + 1)) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a solution: a line with its SHA-256, then JSON. */
export function remember(cachedir: string, key: string, resolved: Resolved): void {
  const what = `cannot keep the solution in '${cachedir}'`;
  const text = JSON.stringify(resolved);
  makeDirectories(cachePaths(cachedir).solutions, { what });
  replaceFile(fileOf(cachedir, key), `${sha256(text)}\n${text}`, what);
}

const fileOf = (cachedir: string, key: string): string => join(cachePaths(cachedir).solutions, key);
