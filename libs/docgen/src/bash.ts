import type { CommandDefinition, Option } from '@apt-ostree/cli';
import { type Found, optionsOf, valueKind, walk } from './commands.ts';

/** Completions for bash: one function that follows the words to the command and offers what it takes. */
export function bashCompletion(tool: CommandDefinition, common: Record<string, Option>): string {
  const name = `_${tool.name.replaceAll('-', '_')}`;
  const found = walk(tool);
  return `# bash completion for ${tool.name}; generated from its definitions.
${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at='${tool.name}' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
${found.flatMap(steps).join('\n')}
    esac
  done
  case "$at $prev" in
${found.flatMap((f) => values(f, common)).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${found.map((f) => `      '${f.path.join(' ')}') COMPREPLY=($(compgen -W '${spellings(f, common).join(' ')}' -- "$cur")) ;;`).join('\n')}
    esac
  else
    case "$at" in
${found.map((f) => `      '${f.path.join(' ')}') ${reply(f)} ;;`).join('\n')}
    esac
  fi
}
complete -F ${name} ${tool.name}
`;
}

function steps({ path, definition }: Found): string[] {
  return (definition.subCommands ?? []).map((c) => {
    const patterns = [c.name, ...(c.aliases ?? [])].map((n) => `'${[...path, n].join(' ')}'`);
    return `      ${patterns.join('|')}) at='${[...path, c.name].join(' ')}' ;;`;
  });
}

const names = (name: string, o: Option): string[] => [
  `--${name}`,
  ...(o.also ?? []).map((a) => `--${a}`),
  ...(o.alias ? [`-${o.alias}`] : []),
];

const spellings = ({ definition }: Found, common: Record<string, Option>): string[] =>
  optionsOf(definition, common)
    .filter(([, o]) => !o.hidden && o.refused === undefined)
    .flatMap(([n, o]) => names(n, o));

function values({ path, definition }: Found, common: Record<string, Option>): string[] {
  return optionsOf(definition, common)
    .filter(([, o]) => o.type !== 'boolean' && o.refused === undefined)
    .map(([n, o]) => {
      const patterns = names(n, o).map((s) => `'${[...path, s].join(' ')}'`);
      return `    ${patterns.join('|')}) ${offer(o)}; return ;;`;
    });
}

function offer(option: Option): string {
  const kind = valueKind(option);
  if (typeof kind === 'object') return `COMPREPLY=($(compgen -W '${kind.words.join(' ')}' -- "$cur"))`;
  const action = { file: '-f', directory: '-d', command: '-c', nothing: '' }[kind];
  return action === '' ? ':' : `compopt -o filenames; COMPREPLY=($(compgen ${action} -- "$cur"))`;
}

function reply({ definition }: Found): string {
  const commands = (definition.subCommands ?? []).filter((c) => !c.hidden).map((c) => c.name);
  if (commands.length > 0) return `COMPREPLY=($(compgen -W '${commands.join(' ')}' -- "$cur"))`;
  const first = Object.values(definition.args ?? {}).find((o) => o.type === 'positional' && valueKind(o) !== 'nothing');
  return first ? offer(first) : ':';
}
