import { type CommandDefinition, type Option, parseArguments, renderHelp } from '@apt-ostree/cli';
import { expect, test } from 'vitest';
import { command } from '../src/command.ts';
import refused from '../src/data/refused.json';
import { fakeContext } from './fake.ts';
import reference from './rpm-ostree-options.json';

/** The command that words lead to, by name or alias. */
function find(words: string): CommandDefinition {
  let at: CommandDefinition = command;
  for (const word of words.split(' ')) {
    const next = at.subCommands?.find((c) => c.name === word || c.aliases?.includes(word));
    if (next === undefined) throw new Error(`there is no '${word}' in '${words}'`);
    at = next;
  }
  return at;
}

const spellings = (definition: CommandDefinition): Map<string, Option> =>
  new Map(
    Object.entries(definition.args ?? {}).flatMap(([n, o]) => [n, ...(o.also ?? [])].map((s) => [s, o] as const)),
  );

test.each(Object.entries(reference))('%s knows every option of rpm-ostree', (words, options) => {
  const known = spellings(find(words));
  expect(options.filter((name) => !known.has(name))).toEqual([]);
  const help = renderHelp(find(words), words.split(' '), {});
  for (const name of options) expect(help).toContain(`--${name}`);
});

const namesOther = (option: string): boolean => /rpm|selinux/.test(option);

/** Of a command under another name. */
const ownName = (words: string): string => words.replace(/\S+$/, find(words).name);

/** Options that are about RPM without saying so in their name. */
const OF_RPM = ['releasever'];

test('what is refused is of RPM or SELinux, with a reason, and nothing else is refused', () => {
  const isOther = (option: string) => namesOther(option) || OF_RPM.includes(option);
  expect(refused.filter((r) => !isOther(r.option) || r.reason.length < 20)).toEqual([]);
  const inTable = Object.keys(reference).flatMap((words) =>
    [...spellings(find(words))].filter(([, o]) => o.refused !== undefined).map(([o]) => `${ownName(words)} --${o}`),
  );
  expect([...new Set(inTable)].sort()).toEqual(refused.map((r) => `${r.command} --${r.option}`).sort());
});

test('an option that names RPM or SELinux is refused, or is another spelling of ours', () => {
  for (const [words, options] of Object.entries(reference)) {
    for (const name of options.filter(namesOther)) {
      const option = spellings(find(words)).get(name) as Option;
      expect(option.refused !== undefined || option.also?.includes(name), `${words} --${name}`).toBe(true);
    }
  }
});

/** Every command that has work to do. */
const leaves = (definition: CommandDefinition, path: string[] = []): [string[], CommandDefinition][] => [
  ...(definition.work ? [[path, definition] as [string[], CommandDefinition]] : []),
  ...(definition.subCommands ?? []).flatMap((c) => leaves(c, [...path, c.name])),
];

test('no short spelling means two things', () => {
  for (const [path, definition] of leaves(command)) {
    const short = Object.values(definition.args ?? {}).flatMap((o) => o.alias ?? []);
    expect(short, path.join(' ')).toEqual([...new Set(short)]);
  }
});

test('a command of a later version is an error, never success', async () => {
  const definition = find('countme');
  const work = await definition.work?.();
  const { context } = fakeContext();
  const { args } = parseArguments([], definition.args ?? {});
  await expect(work?.(args as never, { ...context, path: ['apt-ostree', 'countme'] })).rejects.toThrow(
    "not in this version: 'apt-ostree countme'",
  );
});
