import { realpathSync } from 'node:fs';
import { explain } from '@apt-ostree/errors';
import type { InputFile } from '@apt-ostree/manifest';
import { debianArchitecture } from './architectures.ts';
import { type Expansion, expand, visible, visit } from './expand.ts';
import { checkWhole, inOrder } from './finish.ts';
import { collectInputs } from './inputs.ts';
import { readDocument } from './read-document.ts';
import { below, mapFiles, sourceRoot } from './source-root.ts';
import type { TreefileDocument } from './treefile-document.ts';
import type { Treefile } from './treefile-type.ts';
import type { DiskSettings } from './types/disk.ts';
import { substitute } from './variables.ts';

export interface LoadOptions {
  /** The architecture of the tree, by Debian's name: what `dpkg --print-architecture` says. */
  architecture: string;
  /** Variables of the command line; they win over those of the treefile and take their types. */
  variables?: Readonly<Record<string, string>>;
}

export interface LoadedTreefile {
  /** The flattened treefile: plain JSON, keys in the order of treefile(5), only what was set. */
  treefile: Treefile;
  /** The key `disk`, no part of the flattened treefile: it is about one machine, and commits are for all. */
  disk: DiskSettings;
  /** Files beside the treefile, by path below the source root. */
  inputs: InputFile[];
  /** Absolute: the treefile's directory, or the nearest one above that also holds the files of included treefiles. */
  sourceRoot: string;
}

/**
 * Reads a treefile and everything that it includes, and flattens it.
 * @throws AotError `noInput` when it is not there, `config` for whatever is wrong in it, naming key, file and line
 */
export async function loadTreefile(path: string, options: LoadOptions): Promise<LoadedTreefile> {
  const architecture = debianArchitecture(options.architecture) ?? options.architecture;
  const expansion: Expansion = { architecture, given: options.variables ?? {}, seen: new Map(), open: [] };
  const document = openTop(path, expansion);
  const expanded = expand(document, {}, expansion);
  const variables = visible(expanded, {}, expansion);
  const values = inOrder({ basearch: architecture, ...expanded });
  substitute(values, variables, path);
  checkWhole(values, path, architecture);
  return { ...settleFiles(values, document.directory), disk: (expanded['disk'] as DiskSettings | undefined) ?? {} };
}

function openTop(path: string, expansion: Expansion): TreefileDocument {
  try {
    visit(path, path, expansion);
    expansion.open.push(realpathSync(path));
    return readDocument(path, path);
  } catch (error) {
    throw explain(error, `cannot read treefile '${path}'`);
  }
}

/** Replaces absolute paths by those below the source root. */
function settleFiles(values: Record<string, unknown>, directory: string): Omit<LoadedTreefile, 'disk'> {
  const files: string[] = [];
  mapFiles(values, (file) => {
    files.push(file);
    return file;
  });
  const root = sourceRoot(directory, files);
  const treefile = mapFiles(values, below(root));
  return { treefile: treefile as Treefile, inputs: collectInputs(treefile, root), sourceRoot: root };
}
