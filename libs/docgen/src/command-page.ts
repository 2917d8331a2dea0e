import { type CommandDefinition, type Option, spelling, usage } from '@apt-ostree/cli';
import { type Found, pageName } from './commands.ts';
import { environment } from './environment.ts';
import { exitStatus } from './exit-status.ts';
import { bold, header, italic, item, paragraphs, reference, section, text, verbatim } from './roff.ts';

export interface PageOptions {
  version: string;
  common: Record<string, Option>;
  /** Exit codes and environment of apt-ostree, not of an aot- tool. */
  porcelain: boolean;
}

/** The manual page of a tool or command. */
export function commandPage({ path, definition }: Found, options: PageOptions): string {
  const name = pageName(path);
  return [
    header(name, definition.manual ?? 1, options.version),
    section('NAME', `${text(name)} \\- ${text(definition.summary)}\n`),
    section('SYNOPSIS', `${synopsis(definition, path)}\n`),
    section('DESCRIPTION', paragraphs(definition.description ?? `${sentence(definition.summary)}`)),
    section('COMMANDS', commands(definition, path)),
    section('ARGUMENTS', argumentItems(definition)),
    ...optionSections(definition, options.common),
    section('INPUT AND OUTPUT', streams(definition)),
    section('EXIT STATUS', exitStatus(options.porcelain, path.slice(1).join(' '))),
    section('ENVIRONMENT', environment(options.porcelain)),
    section(
      'FILES',
      Object.entries(definition.files ?? {})
        .map(([f, what]) => item(italic(f), text(what)))
        .join(''),
    ),
    section('EXAMPLES', examples(definition)),
    section('SEE ALSO', seeAlso(definition, path)),
  ].join('');
}

const sentence = (summary: string): string => `${summary[0]?.toUpperCase()}${summary.slice(1)}.`;

const synopsis = (definition: CommandDefinition, path: readonly string[]): string =>
  `${bold(path.join(' '))}${text(usage(definition, path).slice(path.join(' ').length))}`;

function commands(definition: CommandDefinition, path: readonly string[]): string {
  return (definition.subCommands ?? [])
    .map((c) => {
      const notes = [...(c.hidden ? ['hidden'] : []), ...(c.aliases ? [`also ${c.aliases.join(', ')}`] : [])];
      const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
      return item(bold(`${pageName([...path, c.name])}(1)`), text(`${sentence(c.summary)}${note}`));
    })
    .join('');
}

const argumentItems = (definition: CommandDefinition): string =>
  Object.entries(definition.args ?? {})
    .filter(([, o]) => o.type === 'positional')
    .map(([name, o]) => item(italic(o.valueHint ?? name.toUpperCase()), text(describe(o))))
    .join('');

function optionSections(definition: CommandDefinition, common: Record<string, Option>): string[] {
  const own = Object.entries(definition.args ?? {}).filter(([, o]) => o.type !== 'positional');
  const items = (rows: [string, Option][]) =>
    rows.map(([n, o]) => item(bold(spelling(n, o)), text(describe(o)))).join('');
  return [
    section('OPTIONS', items(own.filter(([, o]) => !o.hidden && o.refused === undefined))),
    section('COMMON OPTIONS', items(Object.entries(common))),
    section('HIDDEN OPTIONS', items(own.filter(([, o]) => o.hidden && o.refused === undefined))),
    section('REFUSED OPTIONS', items(own.filter(([, o]) => o.refused !== undefined))),
  ];
}

function describe(o: Option): string {
  if (o.refused !== undefined) return `Refused: ${o.refused}.`;
  const notes = [
    ...(o.multiple ? ['Repeatable.'] : []),
    ...(typeof o.default === 'string' ? [`Default: '${o.default}'.`] : []),
    ...(o.options ? [`One of ${o.options.join(', ')}.`] : []),
  ];
  return [sentence(o.description), ...notes].join(' ');
}

function streams(definition: CommandDefinition): string {
  const page = (kind: string) => reference(`${kind.replace(/\/v\d+$/, '')}(5)`);
  const reads = definition.reads?.map((k) => `Reads ${page(k)} from standard input.\n`) ?? [];
  const writes = definition.writes
    ? [`Writes ${page(definition.writes)} to standard output, which stays empty on failure.\n`]
    : [];
  return [...reads, ...writes].join('');
}

const examples = (definition: CommandDefinition): string =>
  (definition.examples ?? [])
    .map((e) => `.PP\n${text(sentence(e.text).replace(/\.\.$/, '.'))}\n${verbatim(e.command)}`)
    .join('');

function seeAlso(definition: CommandDefinition, path: readonly string[]): string {
  const parent = path.length > 1 ? [`${pageName(path.slice(0, -1))}(1)`] : [];
  const manifests = [...(definition.reads ?? []), ...(definition.writes ? [definition.writes] : [])];
  const all = [...parent, ...(definition.seeAlso ?? []), ...manifests.map((k) => `${k.replace(/\/v\d+$/, '')}(5)`)];
  return all.length === 0 ? '' : `${[...new Set(all)].map(reference).join(',\n')}\n`;
}
