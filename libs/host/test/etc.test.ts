import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { start } from '@apt-ostree/run';
import { expect, test } from 'vitest';
import { etcConflicts, etcDifferences, readSysroot } from '../src/index.ts';
import { smallSysroot } from './fixture.ts';

type Etc = Record<string, string | { link: string } | { mode: number; text: string } | 'DIRECTORY' | 'FIFO' | null>;

/** Puts entries in place of what is there. */
async function change(etc: string, entries: Etc): Promise<void> {
  for (const [name, entry] of Object.entries(entries)) {
    const path = join(etc, name);
    if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path, { recursive: true });
    if (entry === null) continue;
    mkdirSync(dirname(path), { recursive: true });
    if (entry === 'DIRECTORY') mkdirSync(path);
    else if (entry === 'FIFO') await start('mkfifo', [path]).ended;
    else if (typeof entry === 'string') writeFileSync(path, entry);
    else if ('link' in entry) symlinkSync(entry.link, path);
    else {
      writeFileSync(path, entry.text);
      chmodSync(path, entry.mode);
    }
  }
}

async function deployed(factory: Etc) {
  const lab = await smallSysroot();
  await change(join(lab.tree, 'usr/etc'), factory);
  await lab.commit();
  await lab.deploy('os');
  const sysroot = await readSysroot(lab.sysroot);
  const [deployment] = sysroot.deployments;
  if (deployment === undefined) throw new Error('nothing is deployed');
  return { lab, sysroot, deployment, etc: join(lab.sysroot, deployment.path, 'etc') };
}

const FACTORY: Etc = {
  same: 'same',
  content: 'old',
  length: 'long',
  mode: 'x',
  link: { link: 'same' },
  'dir/a': 'a',
  'dir/b': 'b',
  'gone/a': 'a',
  gone2: 'a',
  'becomes-file/a': 'a',
  'becomes-dir': 'a',
  'becomes-link': 'a',
  'mode-dir/a': 'a',
};

const LOCAL: Etc = {
  content: 'new',
  length: 'short',
  mode: { mode: 0o600, text: 'x' },
  link: { link: 'content' },
  'dir/c': 'c',
  'dir/b': null,
  gone: null,
  gone2: null,
  'becomes-file': 'x',
  'becomes-dir': null,
  'becomes-dir/x': 'x',
  'becomes-link': { link: 'same' },
  'new/deep/file': 'x',
  'new/empty': 'DIRECTORY',
  pipe: 'FIFO',
};

test('local changes of /etc are those of ostree admin config-diff', async () => {
  const { lab, sysroot, deployment, etc } = await deployed(FACTORY);
  expect(etcDifferences(sysroot, deployment)).toEqual({ added: [], modified: [], removed: [] });
  await change(etc, LOCAL);
  chmodSync(join(etc, 'mode-dir'), 0o700);
  const found = etcDifferences(sysroot, deployment);
  const lines = (await lab.admin('config-diff', '--os=debian')).split('\n');
  const oracle = (letter: string) =>
    lines.flatMap((line) => (line.startsWith(`${letter} `) ? [`/etc/${line.slice(1).trim()}`] : [])).sort();
  expect(found).toEqual({ added: oracle('A'), modified: oracle('M'), removed: oracle('D') });
  expect(found.modified).toContain('/etc/mode-dir');
  expect(found.added).toContain('/etc/new/deep/file');
});

interface Case {
  name: string;
  factory: Etc;
  local: Etc;
  next: Etc;
  bothChanged?: string[];
  refused?: string[];
}

/** `next` says what the new tree changes. */
const CASES: Case[] = [
  { name: 'only here', factory: { a: '1' }, local: { a: '2' }, next: {} },
  { name: 'only there', factory: { a: '1' }, local: {}, next: { a: '2' } },
  { name: 'both', factory: { a: '1' }, local: { a: '2' }, next: { a: '3' }, bothChanged: ['/etc/a'] },
  { name: 'both alike', factory: { a: '1' }, local: { a: '2' }, next: { a: '2' } },
  {
    name: 'changed here, removed there',
    factory: { a: '1' },
    local: { a: '2' },
    next: { a: null },
    bothChanged: ['/etc/a'],
  },
  {
    name: 'removed here, changed there',
    factory: { a: '1' },
    local: { a: null },
    next: { a: '2' },
    bothChanged: ['/etc/a'],
  },
  { name: 'removed on both sides', factory: { a: '1' }, local: { a: null }, next: { a: null } },
  { name: 'added on both sides', factory: {}, local: { a: '1' }, next: { a: '2' }, bothChanged: ['/etc/a'] },
  {
    name: 'directory removed here, changed there',
    factory: { 'd/a': '1' },
    local: { d: null },
    next: { 'd/a': '2' },
    bothChanged: ['/etc/d'],
  },
  {
    name: 'link here, file there',
    factory: { a: '1' },
    local: { a: { link: 'b' } },
    next: { a: '2' },
    bothChanged: ['/etc/a'],
  },
  {
    name: 'file here, link there',
    factory: { a: '1' },
    local: { a: '2' },
    next: { a: { link: 'b' } },
    bothChanged: ['/etc/a'],
  },
  {
    name: 'file here, directory there',
    factory: { a: '1' },
    local: { a: '2' },
    next: { a: null, 'a/x': '1' },
    bothChanged: ['/etc/a'],
    refused: ['/etc/a'],
  },
  {
    name: 'link here, directory there',
    factory: { a: '1' },
    local: { a: { link: 'b' } },
    next: { a: null, 'a/x': '1' },
    bothChanged: ['/etc/a'],
    refused: ['/etc/a'],
  },
  {
    name: 'file added here, directory there',
    factory: {},
    local: { a: '2' },
    next: { 'a/x': '1' },
    bothChanged: ['/etc/a'],
    refused: ['/etc/a'],
  },
  {
    name: 'file added in a directory that is a file there',
    factory: { 'd/a': '1' },
    local: { 'd/b': '2' },
    next: { d: 'file' },
    refused: ['/etc/d/b'],
  },
  {
    name: 'file added in a directory that is a link there',
    factory: { 'd/a': '1' },
    local: { 'd/b': '2' },
    next: { d: { link: 'e' }, 'e/a': '1' },
  },
  {
    name: 'file added in a directory that is a link to nothing there',
    factory: { 'd/a': '1' },
    local: { 'd/b': '2' },
    next: { d: { link: 'e' } },
    refused: ['/etc/d/b'],
  },
  {
    name: 'directory added here, file there',
    factory: {},
    local: { 'd/b': '2' },
    next: { d: 'file' },
    bothChanged: ['/etc/d'],
  },
  {
    name: 'file added in a directory that is gone there',
    factory: { 'd/a': '1' },
    local: { 'd/b': '2' },
    next: { d: null },
  },
  { name: 'a pipe', factory: {}, local: { p: 'FIFO' }, next: {} },
];

test.each(CASES)('/etc: $name', async ({ factory, local, next, bothChanged = [], refused = [] }) => {
  const { lab, sysroot, deployment, etc } = await deployed(factory);
  await change(etc, local);
  await change(join(lab.tree, 'usr/etc'), next);
  const commit = await lab.commit();
  const found = etcConflicts(sysroot, deployment, { commit });
  expect(found.bothChanged).toEqual(bothChanged);
  expect(found.refused.map((r) => r.path)).toEqual(refused);
  expect(etcConflicts(sysroot, deployment, { directory: lab.tree })).toEqual(found);

  const merged = await lab.deploy('os').then(
    () => true,
    () => false,
  );
  expect(merged, 'what libostree does').toBe(refused.length === 0);
  expect(existsSync(etc)).toBe(true);
});
