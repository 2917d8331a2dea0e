import { type CommandDefinition, type Option, PORCELAIN_OPTIONS, parseArguments } from '@apt-ostree/cli';
import { expect, test } from 'vitest';
import { command } from '../src/command.ts';
import { callOf } from '../src/host/daemon/calls.ts';
import { COMMANDS } from '../src/host/daemon/through.ts';

function find(words: string): CommandDefinition {
  let at: CommandDefinition | undefined = command;
  for (const word of words.split(' ')) at = at?.subCommands?.find((c) => c.name === word);
  if (at === undefined) throw new Error(`there is no '${words}'`);
  return at;
}

/** What each command is given besides one of its options. */
const WORDS: Record<string, string[]> = {
  deploy: ['1'],
  rebase: ['x:y'],
  cleanup: ['--base'],
  kargs: ['--append=x'],
  install: ['aot'],
  uninstall: ['aot'],
  'override replace': ['./a.deb'],
  'override remove': ['aot'],
  'override reset': ['aot'],
  initramfs: ['--enable'],
  'initramfs-etc': ['--untrack=/etc/x'],
  'ex initramfs-etc': ['--untrack=/etc/x'],
};

const FROM = ['--experimental', '--from=repo=x', 'aot'];
/** Options that do not go with those words. */
const INSTEAD: Record<string, string[]> = {
  'rebase --branch': ['--branch=x'],
  'rebase --remote': ['--remote=x'],
  'rebase --custom-origin-url': ['x', '--custom-origin-url=a', '--custom-origin-description=b'],
  'rebase --custom-origin-description': ['x', '--custom-origin-url=a', '--custom-origin-description=b'],
  'kargs --editor': ['--editor'],
  'kargs --import-proc-cmdline': ['--import-proc-cmdline'],
  'uninstall --all': ['--all'],
  'override reset --all': ['--all'],
  'override replace --from': FROM,
  'override replace --freeze': [...FROM, '--freeze'],
  'override remove --replace': ['aot', '--replace=./a.deb'],
  'initramfs --disable': ['--disable'],
};

/** Of containers, of the daemon's own children, or refused by the command itself. */
const NOT_ITS = ['enablerepo', 'disablerepo', 'releasever', 'driver-unit', 'set', 'ex-cliwrap', 'sysroot'];

const rows = COMMANDS.flatMap((name) =>
  Object.entries(find(name).args ?? {})
    .filter(([option, o]) => o.type !== 'positional' && o.refused === undefined && !NOT_ITS.includes(option))
    .map(([option, o]): [string, string, string[]] => [name, option, wordsFor(name, option, o)]),
);

function wordsFor(name: string, option: string, { type }: Option): string[] {
  const own = type === 'boolean' ? `--${option}` : `--${option}=aot`;
  return INSTEAD[`${name} --${option}`] ?? [...(WORDS[name] ?? []), own];
}

test.each(rows)('%s --%s is for the daemon too', (name, _option, words) => {
  const { args } = parseArguments(words, { ...find(name).args, ...PORCELAIN_OPTIONS });
  expect(callOf(name, args)).toBeDefined();
});

test.each([
  ['install', 'https://example.org/a.deb'],
  ['install', './a.deb'],
  ['rebase', 'x', '--install=./a.deb'],
  ['deploy', '1', '--install=file:///a.deb'],
  ['upgrade', '--install=https://example.org/a.deb'],
  ['override replace', 'https://example.org/a.deb'],
  ['override remove', 'aot', '--install=./a.deb'],
  ['reset', '--install=./a.deb'],
])('%s %s: the file is sent', (name, ...words) => {
  const { args } = parseArguments(words, find(name).args ?? {});
  expect(callOf(name, args)?.files.map(({ word }) => word)).toEqual([
    words
      .join(' ')
      .match(/\S*a\.deb$/)?.[0]
      .replace('--install=', ''),
  ]);
});
