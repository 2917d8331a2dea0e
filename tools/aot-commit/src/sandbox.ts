import { runInTree } from '@apt-ostree/bwrap';
import type { Layout } from './layout.ts';

export interface InTree {
  /** Keep what the program changes. */
  write?: boolean;
  /** Directories of the host, by their place in the sandbox; writable. */
  bind?: Record<string, string>;
  env?: Record<string, string>;
  /** For the error: `cannot index the libraries`. */
  what: string;
}

/**
 * Runs a program of the tree in it, in the sandbox of the maintainer scripts, with the layout's clock.
 * @returns what it printed
 */
export async function inTree(layout: Layout, argv: readonly string[], options: InTree): Promise<string> {
  const binds = Object.entries(options.bind ?? {}).map(([target, source]) => ({ source, target, writable: true }));
  const { stdout, stderr } = await runInTree(
    layout.tree.root,
    argv,
    { epoch: layout.clock, binds, env: options.env ?? {}, write: options.write === true },
    { what: options.what, signal: layout.signal },
  );
  return stdout + stderr;
}
