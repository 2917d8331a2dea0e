import { constants } from 'node:os';
import { AotError, EXIT } from '@apt-ostree/errors';
import type { Kind, Manifests } from '@apt-ostree/manifest';
import { COMMON_OPTIONS, PORCELAIN_OPTIONS } from './common-options.ts';
import type { Context } from './context.ts';
import type { CommandDefinition, Option } from './definition.ts';
import { renderHelp } from './help.ts';
import { distance, parseArguments } from './parse-arguments.ts';
import { descriptorSink, isOpenForWriting, Progress, type ProgressEvent } from './progress.ts';
import { report } from './report.ts';
import { checkWritable, readManifest, stdinLines, writeAll, writeFileWhole, writeOut } from './streams.ts';
import { terminalSink } from './terminal.ts';

export interface MainOptions {
  version: string;
  /** apt-ostree: errors are printed as rpm-ostree does, and every failure is exit 1. */
  porcelain?: boolean;
  argv?: readonly string[];
}

/**
 * Runs a tool as a program: finds the command, parses strictly, runs the work, writes its result once at the end, and ends
 * the process with the documented code.
 */
export async function main(root: CommandDefinition, options: MainOptions): Promise<never> {
  const argv = options.argv ?? process.argv.slice(2);
  const json = argv.includes('--json-errors');
  const common = options.porcelain ? PORCELAIN_OPTIONS : COMMON_OPTIONS;
  const abort = abortOnSignal();
  process.umask(0o022); // a tree's modes must not depend on who makes it
  process.stdout.on('error', () => process.exit(EXIT.io)); // the reader went away
  try {
    process.exit(await execute(root, argv, common, options, abort));
  } catch (error) {
    if (abort.signal.aborted) process.exit(128 + constants.signals[abort.signal.reason.signal as NodeJS.Signals]);
    const code = report(error, { prefix: options.porcelain ? 'error' : root.name, stage: root.name, json });
    process.exit(options.porcelain ? EXIT.failed : code);
  }
}

async function execute(
  root: CommandDefinition,
  argv: readonly string[],
  common: Record<string, Option>,
  options: MainOptions,
  abort: AbortController,
): Promise<number> {
  const { definition, path, rest: words } = find(root, argv, common);
  const own = words.slice(0, words.includes('--') ? words.indexOf('--') : undefined);
  const help = () => print(renderHelp(definition, path, common));
  if (own.includes('--help') || own.includes('-h')) return help();
  if (own.includes('--version'))
    return print(options.porcelain ? versionYaml(root.name, options.version) : `${root.name} ${options.version}\n`);
  if (definition.work === undefined) {
    const word = words[commandAt(words, definition, common)];
    const helps = word === undefined && options.porcelain && !argv.includes('--json-errors');
    if (helps) writeAll(2, `${renderHelp(definition, path, common)}\n`); // as rpm-ostree does
    throw noCommand(definition, path, word);
  }

  const { args, rest } = parseArguments(words, { ...common, ...definition.args }, definition.rest !== undefined);
  if (args['help'] === true) return help(); // as in -qh
  const file = definition.args?.['output'] === undefined ? (args['output'] as string | undefined) : undefined; // a command's own --output is its affair
  if (file !== undefined) checkWritable(file);
  const inside = await definition.enter?.();
  if (inside !== undefined) return inside;
  const context = makeContext(root.name, path, rest, args, abort.signal);
  const work = await definition.work();
  const result = await work(args as never, context);
  if (typeof result === 'number') return result;
  if (result) emit(typeof result === 'string' ? result : await textOf(result), file);
  return EXIT.ok;
}

/** Follows the words of a command line to the command they name; options may come before it. */
function find(
  root: CommandDefinition,
  argv: readonly string[],
  common: Record<string, Option>,
): { definition: CommandDefinition; path: string[]; rest: string[] } {
  let definition = root;
  const path = [root.name];
  const rest = [...argv];
  while (definition.subCommands) {
    const at = commandAt(rest, definition, common);
    const word = rest[at];
    const next = definition.subCommands.find(
      (c) => word !== undefined && (c.name === word || c.aliases?.includes(word)),
    );
    if (next === undefined) break;
    rest.splice(at, 1);
    path.push(next.name);
    definition = next;
  }
  return { definition, path, rest };
}

/** Where the first word is that is neither an option nor the value of one; -1 for nowhere. */
function commandAt(words: readonly string[], definition: CommandDefinition, common: Record<string, Option>): number {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') return -1;
    if (!word.startsWith('-') || word === '-') return at;
    if (takesValue(word, [common, ...optionsBelow(definition)])) at++;
  }
  return -1;
}

/** Before the command is known, an option has a value if it has one in every command that knows it. */
function takesValue(word: string, all: readonly Record<string, Option>[]): boolean {
  const spelt = (name: string, o: Option) =>
    [name, ...(o.also ?? [])].some((n) => word === `--${n}`) || word === `-${o.alias}`;
  const meant = all.flatMap((options) => Object.entries(options).flatMap(([name, o]) => (spelt(name, o) ? [o] : [])));
  return meant.length > 0 && meant.every((o) => o.type !== 'boolean');
}

const optionsBelow = ({ subCommands = [] }: CommandDefinition): Record<string, Option>[] =>
  subCommands.flatMap((c) => [c.args ?? {}, ...optionsBelow(c)]);

function noCommand(definition: CommandDefinition, path: readonly string[], word: string | undefined): AotError {
  const group = path.length > 1 ? ` "${path.slice(1).join(' ')}" sub` : ' ';
  if (word === undefined)
    return new AotError('usage', `no${group}command specified`, { hint: `see '${path.join(' ')} --help'` });
  const near = (definition.subCommands ?? []).map((c) => c.name).find((n) => distance(n, word) <= 2);
  return new AotError('usage', `unknown${group}command '${word}'`, {
    hint: near ? `did you mean '${near}'?` : `see '${path.join(' ')} --help'`,
  });
}

function makeContext(
  tool: string,
  path: readonly string[],
  rest: string[],
  args: Record<string, unknown>,
  signal: AbortSignal,
): Context {
  const quiet = args['quiet'] === true;
  return {
    path,
    rest,
    quiet,
    signal,
    progress: new Progress(tool, sinks(args['progress-fd'] as string | undefined, quiet)),
    readManifest: (...wanted) => readManifest(signal, ...wanted),
    lines: () => stdinLines(signal),
    write: writeOut,
    note: (text) => {
      if (!quiet) process.stderr.write(`${text}\n`);
    },
    warn: (text) => process.stderr.write(`${tool}: warning: ${text}\n`),
  };
}

function sinks(fd: string | undefined, quiet: boolean): ((event: ProgressEvent) => void)[] {
  if (fd !== undefined) {
    if (!/^\d+$/.test(fd) || !isOpenForWriting(Number(fd)))
      throw new AotError('usage', `option '--progress-fd' cannot be '${fd}'`, {
        hint: 'give the number of a descriptor that is open for writing',
      });
    return [descriptorSink(Number(fd))];
  }
  return quiet ? [] : [terminalSink(process.stderr)];
}

/** Schemas are loaded by those who write manifests. */
const textOf = async (manifest: Manifests[Kind]): Promise<string> =>
  (await import('@apt-ostree/manifest')).serialize(manifest);

function emit(text: string, file: string | undefined): void {
  if (file === undefined) writeOut(text);
  else writeFileWhole(file, text);
}

function print(text: string): number {
  writeOut(text);
  return EXIT.ok;
}

const versionYaml = (name: string, version: string): string =>
  `${name}:\n Version: '${version}'\n Features:\n  - compose\n`;

/**
 * The first signal aborts the work, which cleans up; a second one ends us at once. A terminal signals a whole process
 * group, and a front end hands the signal on, so what comes within a moment of the first is the first.
 */
function abortOnSignal(): AbortController {
  const controller = new AbortController();
  let first = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted && performance.now() - first > 500) process.exit(128 + constants.signals[signal]);
      first ||= performance.now();
      controller.abort(Object.assign(new Error(`interrupted by ${signal}`), { signal }));
    });
  }
  return controller;
}
