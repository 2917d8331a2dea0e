import { join } from 'node:path';
import { AotError } from '@apt-ostree/errors';
import { configuredStages } from './configuration.ts';
import { findExecutable, ownProgram } from './locate.ts';
import { isStageName, STAGES, type Stage, type StageName, WRITES } from './stage.ts';
import { splitWords } from './words.ts';

export interface Choice {
  /** `NAME=CMD` of --stage: replaces a stage. */
  stage?: readonly string[];
  /** `NAME=CMD` of --after: inserts a filter behind a stage, in the order given. */
  after?: readonly string[];
  /** The treefile's `stages`: a command by NAME or after-NAME, as a line or as words. */
  treefile?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Where a command of the treefile that begins with `./` is found. */
  sourceRoot?: string | undefined;
  /** Commands by stage that the configuration file names; read from there when not given. */
  configured?: Partial<Record<StageName, string>>;
}

/** Which program runs as which stage, before their arguments are known. */
export interface Chosen {
  program(name: StageName): { command: readonly string[]; own: boolean };
  /** The filters behind a stage: the treefile's, then those of the command line. */
  after(name: StageName): Stage[];
  /** The stage with its arguments, and the filters behind it. */
  stages(name: StageName, args: readonly string[]): Stage[];
}

/**
 * Decides which program runs as which stage: the command line before AOT_EXEC_PATH, the treefile, the configuration, and
 * our own.
 * @throws AotError `usage` for something else than NAME=CMD, or a stage that does not exist
 */
export function chooseStages(choice: Choice): Chosen {
  const swapped = new Map(choice.stage?.map((s) => assignment(s, '--stage')));
  const filters = (choice.after ?? []).map((s) => assignment(s, '--after'));
  const configured = choice.configured ?? configuredStages();
  const fromTreefile = (key: string): string[] | undefined => {
    const value = choice.treefile?.[key];
    if (value === undefined) return undefined;
    const [file = '', ...args] = typeof value === 'string' ? splitWords(value) : value;
    return [file.startsWith('./') ? join(choice.sourceRoot ?? '.', file) : file, ...args];
  };
  const program = (name: StageName) => {
    const given = swapped.get(name) ?? atExecPath(name) ?? fromTreefile(name) ?? words(configured[name]);
    return given ? { command: given, own: false } : { command: ownProgram(`aot-${name}`), own: true };
  };
  const after = (name: StageName): Stage[] => {
    const commands = filters.filter(([n]) => n === name).map(([, command]) => command);
    const treefile = fromTreefile(`after-${name}`);
    return [...(treefile ? [treefile] : []), ...commands].map((command) => ({
      name: `after ${name}`,
      command,
      own: false,
      writes: WRITES[name],
    }));
  };
  return {
    program,
    after,
    stages(name, args) {
      const { command, own } = program(name);
      return [{ name, command: [...command, ...args], own, writes: WRITES[name] }, ...after(name)];
    },
  };
}

const words = (line: string | undefined): string[] | undefined => (line === undefined ? undefined : splitWords(line));

function atExecPath(name: StageName): string[] | undefined {
  const found = findExecutable(`aot-${name}`, process.env['AOT_EXEC_PATH']);
  return found === undefined ? undefined : [found];
}

function assignment(text: string, option: string): [StageName, string[]] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  if (at < 1)
    throw new AotError('usage', `option '${option}' cannot be '${text}'`, {
      hint: 'it is NAME=CMD, as in fetch=./my-fetch',
    });
  if (!isStageName(name))
    throw new AotError('usage', `option '${option}' cannot be '${text}': there is no stage '${name}'`, {
      hint: `the stages are ${STAGES.join(', ')}`,
    });
  return [name, splitWords(text.slice(at + 1))];
}
