import { AotError } from '@apt-ostree/errors';
import { describe, expect, test } from 'vitest';
import { type Option, parseArguments } from '../src/index.ts';
import { distance } from '../src/parse-arguments.ts';

const OPTIONS = {
  treefile: { type: 'positional', description: 'a' },
  destination: { type: 'positional', description: 'b', required: false },
  repo: { type: 'string', description: 'c', alias: 'r' },
  lockfile: { type: 'string', description: 'd', multiple: true, also: ['ex-lockfile'] },
  force: { type: 'boolean', description: 'e', alias: 'f' },
  mode: { type: 'enum', description: 'f', options: ['bare', 'archive'], default: 'bare' },
  rpm: { type: 'string', description: 'g', refused: 'there are no RPMs on Debian' },
} satisfies Record<string, Option>;

const DEFAULTS = {
  treefile: 'a.yaml',
  destination: undefined,
  repo: undefined,
  lockfile: [],
  force: false,
  mode: 'bare',
  rpm: undefined,
};

describe('what is taken', () => {
  test.each<[string, string[], Record<string, unknown>]>([
    ['an argument alone', ['a.yaml'], {}],
    ['both arguments', ['a.yaml', 'there'], { destination: 'there' }],
    ['a value as its own word', ['--repo', 'r', 'a.yaml'], { repo: 'r' }],
    ['a value after an equals sign', ['--repo=r=1', 'a.yaml'], { repo: 'r=1' }],
    ['a short option', ['-r', 'r', 'a.yaml'], { repo: 'r' }],
    ['short options in one word', ['-fr', 'r', 'a.yaml'], { repo: 'r', force: true }],
    ['a value that is empty', ['--repo=', 'a.yaml'], { repo: '' }],
    ['options after arguments', ['a.yaml', '--force'], { force: true }],
    ['a list, by either spelling', ['--lockfile=1', '--ex-lockfile', '2', 'a.yaml'], { lockfile: ['1', '2'] }],
    ['a value of an enumeration', ['--mode', 'archive', 'a.yaml'], { mode: 'archive' }],
    ['an argument after --', ['--', 'a.yaml'], {}],
    ['a flag twice', ['-f', '-f', 'a.yaml'], { force: true }],
  ])('%s', (_, argv, wanted) => {
    expect(parseArguments(argv, OPTIONS)).toEqual({ args: { ...DEFAULTS, ...wanted }, rest: [] });
  });

  test("what comes after -- is another command's where the command takes one", () => {
    const { args, rest } = parseArguments(['a.yaml', '--', 'ls', '-l', '--', '--force'], OPTIONS, true);
    expect(args).toEqual(DEFAULTS);
    expect(rest).toEqual(['ls', '-l', '--', '--force']);
  });

  test('an option that looks like an argument of that command is ours before --', () => {
    expect(() => parseArguments(['a.yaml', '-l', '--', 'ls'], OPTIONS, true)).toThrow("unknown option '-l'");
  });
});

describe('what is refused', () => {
  test.each<[string, string[], string, string | undefined]>([
    ['an unknown option', ['--nonsense', 'a'], "unknown option '--nonsense'", 'see --help'],
    ['one that was meant', ['--lokfile=1', 'a'], "unknown option '--lokfile'", "did you mean '--lockfile'?"],
    ['an unknown short option', ['-x', 'a'], "unknown option '-x'", 'see --help'],
    ['a prefix of an option', ['--for', 'a'], "unknown option '--for'", "did you mean '--force'?"],
    ['a negated flag', ['--no-force', 'a'], "unknown option '--no-force'", 'see --help'],
    ['__proto__', ['--__proto__=1', 'a'], "unknown option '--__proto__'", 'see --help'],
    ['a single option twice', ['--repo=1', '-r', '2', 'a'], "option '-r' is given twice", undefined],
    ['a missing value', ['a', '--repo'], "option '--repo' needs a value", undefined],
    ['a value for a flag', ['--force=yes', 'a'], "option '--force' takes no value", undefined],
    ['another value', ['--mode=x', 'a'], "option '--mode' cannot be 'x'", 'it is one of bare, archive'],
    ['a refused option', ['--rpm=1', 'a'], "cannot use '--rpm': there are no RPMs on Debian", undefined],
    ['a surplus argument', ['a', 'b', 'c'], "surplus argument 'c'", 'see --help'],
    ['a missing argument', ['--force'], 'missing argument TREEFILE', 'see --help'],
  ])('%s', (_, argv, message, hint) => {
    const error = failure(() => parseArguments(argv, OPTIONS));
    expect({ message: error.message, hint: error.hint, exit: error.exit }).toEqual({ message, hint, exit: 64 });
  });

  test('a list that must not be empty', () => {
    const options: Record<string, Option> = { package: { type: 'positional', description: 'p', multiple: true } };
    expect(failure(() => parseArguments([], options)).message).toBe('missing argument PACKAGE');
    expect(parseArguments(['a', 'b'], options).args).toEqual({ package: ['a', 'b'] });
  });
});

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'ab', 1],
  ['kitten', 'sitting', 3],
])('distance of %j and %j', (a, b, wanted) => {
  expect(distance(a, b)).toBe(wanted);
});

function failure(work: () => unknown): AotError {
  try {
    work();
  } catch (error) {
    if (error instanceof AotError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
