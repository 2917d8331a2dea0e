import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromDirectory } from '../../src/compose/lint/load/directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lint-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('files, directories and links as they are, and nothing through a link', async () => {
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  writeFileSync(join(root, 'usr/bin/su'), 'program', { mode: 0o755 });
  symlinkSync('/etc', join(root, 'etc'));
  await run('mkfifo', [join(root, 'fifo')]);
  const tree = fromDirectory(root);
  expect([...tree.walk()].map(([path, { type }]) => [path, type])).toEqual([
    ['etc', 'link'],
    ['fifo', 'fifo'],
    ['usr', 'directory'],
    ['usr/bin', 'directory'],
    ['usr/bin/su', 'file'],
  ]);
  expect([tree.text('usr/bin/su'), tree.at('usr/bin/su')?.mode, tree.text('etc/passwd')]).toEqual([
    'program',
    0o755,
    undefined,
  ]);
  expect(tree.notUtf8).toEqual([]);
});

test('names and targets that are not UTF-8', () => {
  const path = (bytes: number[]) => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(bytes)]);
  writeFileSync(path([0x61, 0xff]), '');
  writeFileSync(path([0xc3, 0xa4]), '');
  symlinkSync(Buffer.from([0xfe]), path([0x62]));
  expect([...fromDirectory(root).notUtf8].sort()).toEqual(['a\ufffd', 'b']);
});
