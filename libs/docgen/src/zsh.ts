import type { CommandDefinition, Option } from '@apt-ostree/cli';
import { type Found, optionsOf, valueKind, walk } from './commands.ts';

/** Completions for zsh: a function for every command, in the form that _arguments wants. */
export function zshCompletion(tool: CommandDefinition, common: Record<string, Option>): string {
  const functions = walk(tool).map((f) => commandFunction(f, common));
  return `#compdef ${tool.name}
# Generated from the definitions of ${tool.name}.

${functions.join('\n')}
${functionName([tool.name])} "$@"
`;
}

const functionName = (path: readonly string[]): string => `_${path.join('_').replaceAll('-', '_')}`;

function commandFunction({ path, definition }: Found, common: Record<string, Option>): string {
  const specs = optionsOf(definition, common)
    .filter(([, o]) => !o.hidden && o.refused === undefined)
    .flatMap(([n, o]) => optionSpecs(n, o));
  const commands = definition.subCommands ?? [];
  const rest = commands.length > 0 ? [`'1: :->command'`, `'*:: :->rest'`] : positionalSpecs(definition);
  const lines = [...specs, ...rest].map((s) => `    ${s}`).join(' \\\n');
  const body = `  local curcontext=$curcontext state line\n  _arguments -s -S -C \\\n${lines}\n`;
  return `${functionName(path)}() {\n${body}${commands.length > 0 ? dispatch(path, commands) : ''}}\n`;
}

function dispatch(path: readonly string[], commands: readonly CommandDefinition[]): string {
  const listed = commands.filter((c) => !c.hidden).map((c) => `        ${quote(`${c.name}:${c.summary}`)}`);
  const cases = commands.map(
    (c) => `        ${[c.name, ...(c.aliases ?? [])].join('|')}) ${functionName([...path, c.name])} ;;`,
  );
  return `  case $state in
    command)
      local -a commands=(
${listed.join('\n')}
      )
      _describe command commands
      ;;
    rest)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac
`;
}

function optionSpecs(name: string, option: Option): string[] {
  const value = option.type === 'boolean' ? '' : `:${escapeSpec(option.valueHint ?? name)}:${action(option)}`;
  const star = option.multiple ? '*' : '';
  const long = option.type === 'boolean' ? '' : '=';
  const label = `[${escapeSpec(option.description)}]`;
  const spellings = [
    ...[name, ...(option.also ?? [])].map((n) => `--${n}${long}`),
    ...(option.alias ? [`-${option.alias}${option.type === 'boolean' ? '' : '+'}`] : []),
  ];
  return spellings.map((s) => quote(`${star}${s}${label}${value}`));
}

function positionalSpecs(definition: CommandDefinition): string[] {
  const positional = Object.entries(definition.args ?? {}).filter(([, o]) => o.type === 'positional');
  const specs = positional.map(([n, o]) =>
    quote(`${o.multiple ? '*' : ''}:${o.required === false ? ':' : ''}${escapeSpec(o.valueHint ?? n)}:${action(o)}`),
  );
  return definition.rest ? [...specs, `'*:: :_normal'`] : specs;
}

function action(option: Option): string {
  const kind = valueKind(option);
  if (typeof kind === 'object') return `(${kind.words.join(' ')})`;
  return { file: '_files', directory: '_files -/', command: '_command_names', nothing: ' ' }[kind];
}

const escapeSpec = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&');
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
