import type { CommandDefinition, Option } from '@apt-ostree/cli';

/** A command with the words that lead to it, as in ['apt-ostree', 'compose', 'tree']. */
export interface Found {
  path: readonly string[];
  definition: CommandDefinition;
}

/** A tool and all its commands, parents before children. */
export function walk(definition: CommandDefinition, above: readonly string[] = []): Found[] {
  const path = [...above, definition.name];
  return [{ path, definition }, ...(definition.subCommands ?? []).flatMap((c) => walk(c, path))];
}

/** The name of a command's manual page: `apt-ostree-compose-tree`. */
export const pageName = (path: readonly string[]): string => path.join('-');

/** A command's options and the common ones, without its positional arguments. */
export function optionsOf(definition: CommandDefinition, common: Record<string, Option>): [string, Option][] {
  return Object.entries({ ...common, ...definition.args }).filter(([, o]) => o.type !== 'positional');
}

/** What a completion offers for a value. */
export type ValueKind = { words: readonly string[] } | 'file' | 'directory' | 'command' | 'nothing';

const DIRECTORY = /^(DIR|DESTDIR|REPO|ROOTFS|ROOT|SYSROOT|DEST|TARGET_ROOT|PATH)$/;
const FILE = /^(FILE|TREEFILE|MANIFEST|EXTYAML|DEB)$/;

export function valueKind(option: Option): ValueKind {
  if (option.options) return { words: option.options };
  const hint = option.valueHint ?? '';
  if (DIRECTORY.test(hint)) return 'directory';
  if (FILE.test(hint)) return 'file';
  return hint === 'CMD' ? 'command' : 'nothing';
}
