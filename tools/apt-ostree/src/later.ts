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

/** Options for data: a flag, a value, a value that may be given again; `also` as in the shell of a tool. */
export const flag = (description: string, more: Partial<Option> = {}): Option => ({
  type: 'boolean',
  description,
  ...more,
});
export const value = (valueHint: string, description: string, more: Partial<Option> = {}): Option => ({
  type: 'string',
  valueHint,
  description,
  ...more,
});
export const values = (valueHint: string, description: string, more: Partial<Option> = {}): Option =>
  value(valueHint, description, { multiple: true, ...more });
export const word = (valueHint: string, description: string, more: Partial<Option> = {}): Option => ({
  type: 'positional',
  valueHint,
  description,
  ...more,
});
export const choice = (options: readonly string[], description: string, more: Partial<Option> = {}): Option => ({
  type: 'enum',
  options,
  description,
  ...more,
});
