import type { CommandDefinition, Option } from '@apt-ostree/cli';
import { type Found, optionsOf, valueKind, walk } from './commands.ts';

/** Completions for fish: rules, each under the condition that the words lead to its command. */
export function fishCompletion(tool: CommandDefinition, common: Record<string, Option>): string {
  const at = `__${tool.name.replaceAll('-', '_')}_at`;
  const rules = walk(tool).flatMap((f) => commandRules(f, tool.name, at, common));
  return `# fish completion for ${tool.name}; generated from its definitions.
function ${at}
  set -l words (commandline -opc | string match -v -- '-*')
  test (count $words) -ge (math (count $argv) + 1); or return 1
  for i in (seq (count $argv))
    contains -- $words[(math $i + 1)] (string split ' ' -- $argv[$i]); or return 1
  end
end
function ${at}_end
  ${at} $argv; and test (count (commandline -opc | string match -v -- '-*')) -eq (math (count $argv) + 1)
end
complete -c ${tool.name} -f
${rules.join('\n')}
`;
}

function commandRules({ path, definition }: Found, tool: string, at: string, common: Record<string, Option>): string[] {
  const when = (test: string) => (rest: string) =>
    `complete -c ${tool} -n ${quote([test, ...path.slice(1)].join(' '))} ${rest}`;
  const rule = when(at);
  const next = when(`${at}_end`);
  const commands = (definition.subCommands ?? []).filter((c) => !c.hidden);
  return [
    ...commands.map((c) => next(`-a ${c.name} -d ${quote(c.summary)}`)),
    ...optionsOf(definition, common)
      .filter(([, o]) => !o.hidden && o.refused === undefined)
      .flatMap(([n, o]) => optionRules(n, o, rule)),
    ...(Object.values(definition.args ?? {}).some((o) => o.type === 'positional' && valueKind(o) !== 'nothing')
      ? [rule('-F')]
      : []),
  ];
}

function optionRules(name: string, option: Option, rule: (rest: string) => string): string[] {
  const short = option.alias ? `-s ${option.alias} ` : '';
  const about = `${value(option)}-d ${quote(option.description)}`;
  return [name, ...(option.also ?? [])].map((n, i) => rule(`${i === 0 ? short : ''}-l ${n} ${about}`));
}

function value(option: Option): string {
  if (option.type === 'boolean') return '';
  const kind = valueKind(option);
  if (typeof kind === 'object') return `-x -a ${quote(kind.words.join(' '))} `;
  return {
    file: '-r -F ',
    directory: `-x -a '(__fish_complete_directories)' `,
    command: `-x -a '(__fish_complete_command)' `,
    nothing: '-x ',
  }[kind];
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
