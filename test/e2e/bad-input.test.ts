import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { ComposeLab, type Keys } from '../lib/compose-lab.ts';

let lab: ComposeLab;
beforeAll(async () => {
  lab = await ComposeLab.open();
  await lab.archive('vendor', { packages: VENDOR });
});

const VENDOR = [
  { name: 'left', control: { Conflicts: 'right' } },
  { name: 'right' },
  { name: 'broken', control: { Depends: 'nowhere, left (>= 9)' } },
];

interface BadTreefile {
  keys: Keys;
  files?: Record<string, string>;
  exit: number;
  message: RegExp;
  hint?: string;
}

const TREEFILES: Record<string, BadTreefile> = {
  'an unknown key': {
    keys: 'ref: a\npakages: []\n',
    exit: 78,
    message: /^unknown key 'pakages' at '.*\/tree\.yaml:2'$/,
    hint: "did you mean 'packages'?",
  },
  'a wrong type': {
    keys: 'ref: a\n\npackages: 3\n',
    exit: 78,
    message: /'packages' at '.*\/tree\.yaml:3': expected a list/,
  },
  'an include loop': {
    keys: 'include: other.yaml\n',
    files: { 'other.yaml': 'include: tree.yaml\n' },
    exit: 78,
    message: /cannot include 'tree\.yaml' at '.*\/other\.yaml:1': include loop/,
  },
  'a missing include': {
    keys: 'ref: a\ninclude: gone.yaml\n',
    exit: 78,
    message: /cannot include 'gone\.yaml' at '.*\/tree\.yaml:2': no such file/,
  },
};

describe('treefiles', () => {
  test.each(Object.entries(TREEFILES))('%s', async (_what, { keys, files, exit, message, hint }) => {
    const file = lab.treefile(keys, files);
    const refusal = await lab.refuse(file);
    expect(refusal).toMatchObject({ exit, message: expect.stringMatching(message) });
    if (hint) expect(refusal.hint).toBe(hint);
    await sameFromResolve(file, refusal);
  });

  test('none', async () => {
    const file = join(lab.directory, 'gone.yaml');
    const refusal = await lab.refuse(file);
    expect(refusal).toMatchObject({ exit: 66, message: expect.stringContaining(`'${file}'`) });
    await sameFromResolve(file, refusal);
  });
});

const REQUESTS: [what: string, packages: string[], ...said: string[]][] = [
  ['several that do not exist', ['lefft', 'zzzz', 'left'], "'lefft'", "'zzzz'", "'left' instead of 'lefft'"],
  ['two that conflict', ['left', 'right', 'broken'], "'left' conflicts with right", 'nowhere', 'left (>= 9)'],
  [
    'all that at once',
    ['lefft', 'zzzz', 'left', 'right', 'broken'],
    "'lefft', 'zzzz'; ",
    'conflicts with right',
    'nowhere',
  ],
];

test.each(REQUESTS)('packages: %s', async (_what, packages, ...said) => {
  const file = lab.treefile({ repos: ['base', 'vendor'], packages });
  const refusal = await lab.refuse(file);
  expect(refusal).toMatchObject({ stage: 'resolve', exit: 1 });
  for (const text of said) expect(`${refusal.message}\n${refusal.hint}`).toContain(text);
  await sameFromResolve(file, refusal);
});

/** The tool ends with the code that the front end was told, and with the same text. */
async function sameFromResolve(file: string, { exit, message }: { exit: number; message: string }) {
  const { code, stdout, stderr } = await lab.tool('aot-resolve', [file]);
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(stderr).toContain(`aot-resolve: ${message}\n`);
}

const STAGES: [tool: string, reads: string, ...args: string[]][] = [
  ['aot-fetch', 'aot.packages'],
  ['aot-unpack', 'aot.archives', '--rootfs', 'none'],
  ['aot-sandbox', 'aot.rootfs'],
  ['aot-commit', 'aot.rootfs', '--repo', 'none'],
];

describe.each(STAGES)('what %s reads', (name, reads, ...args) => {
  test.each([
    ['nothing', '', 66, 'it is empty'],
    ['another kind', '{"kind":"aot.commit/v1"}', 65, `it is 'aot.commit/v1', not '${reads}/v1'`],
    ['half of it', `{"kind":"${reads}/v1","treefile":{`, 65, 'not one whole JSON document'],
    ['a newer major version', `{"kind":"${reads}/v2"}`, 65, `${reads}/v2`],
  ])('%s', async (_what, stdin, exit, why) => {
    const { code, stdout, stderr } = await lab.tool(name, args, stdin);
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${name}: .*standard input: `));
    expect(stderr).toContain(why);
    expect(existsSync('none')).toBe(false);
  });
});

test.each([
  ['nothing', 'true', 66],
  ['another kind', 'echo {\\"kind\\":\\"aot.commit/v1\\"}', 65],
  ['half of it', 'head -c 1000', 65],
])('between the stages of a compose: %s', async (_what, filter, exit) => {
  const file = lab.treefile({ packages: ['fine'] });
  for (const stage of ['resolve', 'fetch', 'unpack', 'sandbox']) {
    const refusal = await lab.refuse(file, '--force-nocache', '--after', `${stage}=${filter}`);
    expect(refusal).toMatchObject({ stage: `after ${stage}`, exit });
  }
});

test('a file beside the treefile that changed after it was read', async () => {
  const file = lab.treefile({ packages: ['fine'], 'add-files': [['motd', '/etc/motd']] }, { motd: 'hello\n' });
  const edit = join(dirname(file), 'edit.sh');
  writeFileSync(edit, `cat; echo again >> ${join(dirname(file), 'motd')}\n`);
  const refusal = await lab.refuse(file, '--after', `resolve=sh ${edit}`);
  expect(refusal).toMatchObject({
    ...{ stage: 'sandbox', exit: 65 },
    message: `cannot use 'motd' in '${dirname(file)}': it changed since the treefile was read`,
    hint: 'resolve the treefile again',
  });
});

/** A lock of an archive, which then becomes another. */
async function staleLock(after: ArchivePackage): Promise<[treefile: string, ...args: string[]]> {
  const keys = { repos: ['base', 'moving'], packages: ['moving'] };
  await lab.archive('moving', { packages: [{ name: 'moving', version: '1' }] });
  const lock = join(lab.directory, 'lock.json');
  writeFileSync(lock, (await lab.tool('aot-resolve', [lab.treefile(keys)])).stdout);
  await lab.archive('moving', { packages: [after] });
  return [lab.treefile(keys), '--lockfile', lock];
}

test('a lock whose versions are gone', async () => {
  expect(await lab.refuse(...(await staleLock({ name: 'moving', version: '2' })))).toMatchObject({
    ...{ stage: 'fetch', exit: 69 },
    message: expect.stringContaining("cannot download 'moving_1_all.deb': not found"),
    hint: expect.stringContaining('resolve again'),
  });
});

test('a lock of other bytes than the archive has now', async () => {
  const rebuilt = { name: 'moving', version: '1', files: { '/usr/share/moving': 'rebuilt' } };
  expect(await lab.refuse(...(await staleLock(rebuilt)))).toMatchObject({
    ...{ stage: 'fetch', exit: 65 },
    message: expect.stringContaining("cannot verify 'moving_1_all.deb': size differs"),
    hint: expect.stringContaining('resolve again'),
  });
});
