import type { CommandDefinition, Option } from './definition.ts';

/**
 * The text of `--help`: plain, 80 columns where it can, every option of the command, those that are hidden or refused in a
 * section of their own.
 * @param path the words that lead to the command, as in ['apt-ostree', 'compose', 'tree']
 */
export function renderHelp(
  definition: CommandDefinition,
  path: readonly string[],
  common: Record<string, Option>,
): string {
  const own = Object.entries(definition.args ?? {});
  const positionals = own.filter(([, o]) => o.type === 'positional');
  const options = own.filter(([, o]) => o.type !== 'positional');
  const sections = [
    `Usage: ${usage(definition, path)}`,
    `${sentence(definition.summary)}`,
    section(
      'Arguments',
      positionals.map(([n, o]) => [o.valueHint ?? n.toUpperCase(), o.description]),
    ),
    section(
      'Commands',
      (definition.subCommands ?? []).filter((c) => !c.hidden).map((c) => [c.name, c.summary]),
    ),
    section('Options', options.filter(([, o]) => !o.hidden && o.refused === undefined).map(row)),
    section('Common options', Object.entries(common).map(row)),
    section(
      'Hidden commands',
      (definition.subCommands ?? []).filter((c) => c.hidden).map((c) => [c.name, c.summary]),
    ),
    section('Hidden options', options.filter(([, o]) => o.hidden && o.refused === undefined).map(row)),
    section(
      'Refused options',
      options.filter(([, o]) => o.refused !== undefined).map(([n, o]) => [spelling(n, o), `refused: ${o.refused}`]),
    ),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

/** The usage line, also the manual page's synopsis. */
export function usage(definition: CommandDefinition, path: readonly string[]): string {
  const words = [...path];
  if (definition.subCommands) words.push('COMMAND');
  words.push('[OPTION...]');
  for (const [name, o] of Object.entries(definition.args ?? {})) {
    if (o.type !== 'positional') continue;
    const word = `${o.valueHint ?? name.toUpperCase()}${o.multiple ? '...' : ''}`;
    words.push(o.required === false ? `[${word}]` : word);
  }
  if (definition.rest) words.push(`-- ${definition.rest}`);
  return words.join(' ');
}

/** `-o, --output FILE`, with every spelling. */
export function spelling(name: string, option: Option): string {
  const names = [
    ...(option.alias ? [`-${option.alias}`] : []),
    `--${name}`,
    ...(option.also ?? []).map((a) => `--${a}`),
  ];
  const value =
    option.type === 'boolean' ? '' : ` ${option.valueHint ?? (option.options?.join('|') || name.toUpperCase())}`;
  return names.join(', ') + value;
}

const row = ([name, option]: [string, Option]): [string, string] => {
  const notes = [
    ...(option.multiple ? ['repeatable'] : []),
    ...(typeof option.default === 'string' ? [`default: ${option.default}`] : []),
  ];
  return [spelling(name, option), option.description + (notes.length > 0 ? ` (${notes.join('; ')})` : '')];
};

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}.`;

function section(title: string, rows: (readonly [string, string])[]): string {
  if (rows.length === 0) return '';
  const left = Math.min(28, Math.max(...rows.map(([a]) => a.length)));
  const lines = rows.map(([a, b]) => {
    const head = a.length > left ? `  ${a}\n${' '.repeat(left + 4)}` : `  ${a.padEnd(left)}  `;
    return head + wrap(b, Math.max(30, 78 - left - 4)).join(`\n${' '.repeat(left + 4)}`);
  });
  return `${title}:\n${lines.join('\n')}`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] as string;
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
