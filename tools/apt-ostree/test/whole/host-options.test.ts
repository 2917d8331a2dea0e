import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ToolResult, tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { command } from '../../src/command.ts';
import table from '../host-options.json';
import reference from '../rpm-ostree-options.json';
import { smallSysroot } from '../small-sysroot.ts';

/**
 * What becomes of an option of rpm-ostree: a test that is named shows its work; or a call here does, by what it says; or it
 * is accepted and changes nothing; or it is refused; or it is there, and no test shows it yet.
 */
type Row =
  | { shown: string; in: string }
  | { says: string; by: string[] }
  | { withoutEffect: true; by: string[] }
  | { refused: string; by: string[] }
  | { open: true };

const rows = Object.entries(table as unknown as Record<string, Record<string, Row>>).flatMap(([words, options]) =>
  Object.entries(options).map(([option, row]) => ({ name: `${words} --${option}`, words, option, row })),
);
const kind = <K extends string>(key: K) =>
  rows.filter((r): r is typeof r & { row: Extract<Row, Record<K, unknown>> } => key in r.row);

const TOP = fileURLToPath(new URL('../../../../', import.meta.url));
let sysroot: string;
beforeAll(async () => {
  const lab = await smallSysroot();
  await lab.commit({ version: '1' });
  await lab.deploy('os');
  sysroot = lab.path;
});

const call = (by: readonly string[]): Promise<ToolResult> =>
  tool(
    'apt-ostree',
    by.map((word) => word.replace('SYSROOT', sysroot)),
  );

test('the table has every option of its commands', () => {
  const all = reference as Record<string, string[]>;
  for (const [words, options] of Object.entries(table)) expect(Object.keys(options), words).toEqual(all[words]);
});

describe('shown by a test', () => {
  test.each(kind('shown'))('$name', ({ words, option, row }) => {
    const text = readFileSync(`${TOP}${row.in}`, 'utf8');
    const parts = text.split(/^(?= *(?:test|it|describe)(?:\.each)?\()/m);
    const isTest = (part: string) => /^ *(?:test|it)\b/.test(part);
    const [tests, helpers] = [parts.filter(isTest), parts.filter((part) => !isTest(part)).join('')];
    const named = tests.find((t) => ["'", '"', '`'].some((quote) => t.includes(`${quote}${row.shown}${quote},`)));
    expect(named, `${row.in} has no test '${row.shown}'`).toBeDefined();
    const spelled = spellings(words, option).some((s) => new RegExp(`['"\`]${s}(?![\\w-])`).test(helpers + named));
    expect(spelled, `'${row.shown}' does not use it`).toBe(true);
  });
});

/** `--option`, and its letter. */
function spellings(words: string, option: string): string[] {
  let at = command;
  for (const word of words.split(' ')) at = at.subCommands?.find((c) => c.name === word) ?? at;
  const alias = Object.entries(at.args ?? {}).find(([n, o]) => n === option || o.also?.includes(option))?.[1].alias;
  return [`--${option}`, ...(alias === undefined ? [] : [`-${alias}`])];
}

describe('shown by what a call says', () => {
  test.each(kind('says'))('$name', async ({ row }) => {
    const { stdout, stderr } = await call(row.by);
    expect(stdout + stderr).toContain(row.says);
  });
});

describe('accepted, and without effect', () => {
  test.each(kind('withoutEffect'))('$name', async ({ option, row }) => {
    const [given, without] = [
      await call(row.by),
      await call(row.by.filter((word) => word.split('=')[0] !== `--${option}`)),
    ];
    expect(given).toEqual(without);
  });
});

describe('refused before anything else is looked at', () => {
  test.each(kind('refused'))('$name', async ({ row }) => {
    const { code, stdout, stderr } = await call(row.by);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(row.refused) });
    expect(stderr).not.toContain('not booted');
  });
});
