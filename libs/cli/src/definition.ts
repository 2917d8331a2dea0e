import type { Kind, Manifests } from '@apt-ostree/manifest';
import { type CommandDef, defineCommand } from 'citty';
import type { Context } from './context.ts';

/**
 * One option or positional argument: citty's form, and what citty lacks. A `multiple` option may be repeated and comes as
 * a list; a `hidden` one is shown in the last section of the help; a `refused` one is known, and its use is an error with
 * that text.
 */
export interface Option {
  type: 'boolean' | 'string' | 'enum' | 'positional';
  description: string;
  alias?: string;
  /** Further long spellings that mean the same. */
  also?: readonly string[];
  valueHint?: string;
  default?: string | boolean;
  /** The values of an enum. */
  options?: readonly string[];
  /** Of positionals: true unless said otherwise. */
  required?: boolean;
  multiple?: boolean;
  hidden?: boolean;
  refused?: string;
}

type Options = Record<string, Option>;

type Value<O extends Option> = O['multiple'] extends true
  ? string[]
  : O['type'] extends 'boolean'
    ? boolean
    : O['type'] extends 'positional'
      ? O['required'] extends false
        ? string | undefined
        : string
      : O extends { default: string }
        ? string
        : string | undefined;

/** What the work gets: every option by its name, with kebab-case kept. */
export type Args<O extends Options = Options> = { [K in keyof O]: Value<O[K]> };

/** The work of a command. What it returns is written to standard output by the shell, after everything went well. */
// biome-ignore lint/suspicious/noExplicitAny: the options of a command are known where it is defined, not here
export type Work<A = any> = (args: A, context: Context) => Promise<Manifests[Kind] | string | number | undefined>;

export interface CommandDefinition<O extends Options = Options> {
  name: string;
  /** One line, lower case, no full stop. */
  summary: string;
  /** Paragraphs for the manual page. */
  description?: string;
  args?: O;
  /** What comes after `--` belongs to another command: its name in the usage line. */
  rest?: string;
  reads?: readonly Kind[];
  writes?: Kind;
  examples?: readonly { command: string; text: string }[];
  files?: Record<string, string>;
  seeAlso?: readonly string[];
  /** The section of its manual page: 1 unless said. */
  manual?: 1 | 8;
  hidden?: boolean;
  /** Other names of the command. */
  aliases?: readonly string[];
  subCommands?: readonly CommandDefinition[];
  /** Called before the work is loaded: runs the program again where it has the privilege it needs, and says how that ended. */
  enter?: () => Promise<number | undefined>;
  /** Loads the work; behind an import(), so that --help stays light. */
  work?: () => Promise<Work<Args<O>>>;
}

/** Defines a tool or a command. The result is also a citty command, for programs that read those. */
export function defineTool<const O extends Options>(definition: CommandDefinition<O>): CommandDefinition {
  const citty = { meta: { name: definition.name, description: definition.summary }, args: definition.args ?? {} };
  return {
    ...(defineCommand(citty as unknown as CommandDef) as object),
    ...definition,
  } as unknown as CommandDefinition;
}
