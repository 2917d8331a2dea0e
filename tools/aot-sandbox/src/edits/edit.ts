import type { ScriptSandbox } from '@apt-ostree/bwrap';
import type { InputFile } from '@apt-ostree/manifest';
import type { CompleteTreefile } from '@apt-ostree/treefile/flat';

/** What an edit works with. */
export interface Editing {
  treefile: CompleteTreefile;
  sandbox: ScriptSandbox;
  /** The tree as it is to become: an overlay, so that hardlinked files are safe. */
  root: string;
  /** Where a path of the tree is on our side; see beneath.ts. */
  path(inTree: string): string;
  inputs: readonly InputFile[];
  sourceRoot: string;
}

/** One key of the treefile that changes the configured tree. */
export interface Edit {
  key: string;
  wanted(treefile: CompleteTreefile): boolean;
  apply(editing: Editing): Promise<void> | void;
}
