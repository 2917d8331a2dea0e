import type { RootfsManifest } from '@apt-ostree/manifest';
import type { Tree } from '@apt-ostree/ostree';
import type { Settings } from './settings.ts';

/** What every step of the layout works on. */
export interface Layout {
  tree: Tree;
  manifest: RootfsManifest;
  settings: Settings;
  /** Seconds since the epoch: the only clock there is. */
  clock: number;
  /** The version of the commit, or null. */
  version: string | null;
  /** Reads a file of the parent commit; undefined without a parent or such a file. */
  readParent(path: string): Promise<string | undefined>;
  warn(text: string): void;
  signal: AbortSignal;
}
