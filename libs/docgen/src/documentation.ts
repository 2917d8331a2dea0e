import { COMMON_OPTIONS, type CommandDefinition, PORCELAIN_OPTIONS } from '@apt-ostree/cli';
import { KINDS } from '@apt-ostree/manifest';
import { bashCompletion } from './bash.ts';
import { commandPage } from './command-page.ts';
import { type Found, pageName, walk } from './commands.ts';
import { configurationPage } from './configuration-page.ts';
import { fishCompletion } from './fish.ts';
import { manifestPage, manifestPageName, schemaText } from './manifest-page.ts';
import { treefilePage } from './treefile-page.ts';
import { zshCompletion } from './zsh.ts';

/** The front end has rpm-ostree's common options and exit codes, the tools have their own. */
export const isPorcelain = (tool: CommandDefinition): boolean => tool.name === 'apt-ostree';

/**
 * Everything that is generated from definitions and schemas, by path below the top of the repository: manual pages,
 * completions, JSON Schemas.
 */
export function documentation(tools: readonly CommandDefinition[], version: string): Map<string, string> {
  return new Map([
    ...tools.flatMap((tool) => toolFiles(tool, version)),
    ...KINDS.flatMap((kind): [string, string][] => [
      [`man/${manifestPageName(kind)}.5`, manifestPage(kind, version)],
      [`libs/manifest/schema/${kind.replace('/', '-')}.json`, schemaText(kind)],
    ]),
    ['man/treefile.5', treefilePage(version)],
    ['man/apt-ostreed.conf.5', configurationPage(version)],
  ]);
}

/** Where the manual page of a command is. */
export const pageFile = ({ path, definition }: Found): string => `man/${pageName(path)}.${definition.manual ?? 1}`;

function toolFiles(tool: CommandDefinition, version: string): [string, string][] {
  const porcelain = isPorcelain(tool);
  const common = porcelain ? PORCELAIN_OPTIONS : COMMON_OPTIONS;
  return [
    ...walk(tool).map((found): [string, string] => [
      pageFile(found),
      commandPage(found, { version, common, porcelain }),
    ]),
    [`completions/bash/${tool.name}`, bashCompletion(tool, common)],
    [`completions/zsh/_${tool.name}`, zshCompletion(tool, common)],
    [`completions/fish/${tool.name}.fish`, fishCompletion(tool, common)],
  ];
}
