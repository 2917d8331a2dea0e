import { type CommandDefinition, defineTool, type Option } from '@apt-ostree/cli';

interface Later {
  name: string;
  summary: string;
  args?: Record<string, Option>;
  aliases?: readonly string[];
  hidden?: boolean;
  rest?: string;
}

/** A command of rpm-ostree that is known with all its options, and that this version does not have. */
export const later = (definition: Later): CommandDefinition =>
  defineTool({
    ...definition,
    description: `${definition.summary[0]?.toUpperCase()}${definition.summary.slice(1)}.\n\nThis version knows the command and its options, and cannot do it yet: it ends with an error.`,
    work: async () => (await import('./not-in-this-version.ts')).notInThisVersion,
  });

/** A group of such commands. */
export const laterGroup = (definition: Later, ...subCommands: CommandDefinition[]): CommandDefinition =>
  defineTool({ ...definition, subCommands });

type More = Partial<Option>;

/** Options for data: a flag, a value, a value that may be given again; `also` as in the shell of a tool. */
export const flag = <const M extends More = Record<never, never>>(description: string, more = {} as M) => ({
  type: 'boolean' as const,
  description,
  ...more,
});
export const value = <const M extends More = Record<never, never>>(
  valueHint: string,
  description: string,
  more = {} as M,
) => ({
  type: 'string' as const,
  valueHint,
  description,
  ...more,
});
export const values = (valueHint: string, description: string, more: { hidden?: boolean; alias?: string } = {}) => ({
  ...value(valueHint, description, { multiple: true }),
  ...more,
});
export const word = <const M extends More = Record<never, never>>(
  valueHint: string,
  description: string,
  more = {} as M,
) => ({
  type: 'positional' as const,
  valueHint,
  description,
  ...more,
});
export const choice = (options: readonly string[], description: string, more: More = {}) => ({
  type: 'enum' as const,
  options,
  description,
  ...more,
});
