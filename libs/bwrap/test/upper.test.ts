import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { temporary, tree } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { applyUppers } from '../src/apply-upper.ts';
import { UpperWalk } from '../src/upper-walk.ts';

/** A lower and an upper directory, as overlayfs leaves them. */
function layers() {
  const at = temporary(onTestFinished);
  const [lower, upper] = [join(at, 'lower'), join(at, 'upper')];
  for (const path of ['lower/dir/sub', 'lower/gone/deep', 'upper/dir']) mkdirSync(join(at, path), { recursive: true });
  for (const path of ['dir/a', 'dir/b', 'gone/x', 'gone/deep/y', 'file']) writeFileSync(join(lower, path), path);
  const whiteout = (path: string) => run('mknod', [join(upper, path), 'c', '0', '0']);
  const write = (path: string, text: string) => writeFileSync(join(upper, path), text);
  return { at, lower, upper, whiteout, write };
}

test('a walk tells created, changed and removed paths since the last', async () => {
  const { lower, upper, whiteout, write } = layers();
  const walk = new UpperWalk(upper, lower);
  expect(walk.look()).toEqual({ created: [], changed: [], removed: [] });
  write('dir/new', '1');
  write('dir/a', 'longer than before');
  await whiteout('gone');
  expect(walk.look()).toEqual({
    created: ['/dir/new'],
    changed: ['/dir/a'],
    removed: ['/gone', '/gone/deep', '/gone/deep/y', '/gone/x'],
  });
  write('dir/new', '2');
  rmSync(join(upper, 'dir/a'));
  await whiteout('dir/a');
  chmodSync(join(upper, 'dir'), 0o700);
  expect(walk.look()).toEqual({ created: [], changed: ['/dir', '/dir/new'], removed: ['/dir/a'] });
  rmSync(join(upper, 'dir/new'));
  expect(walk.look()).toEqual({ created: [], changed: [], removed: ['/dir/new'] });
  expect(walk.look()).toEqual({ created: [], changed: [], removed: [] });
});

test('between scripts, files that were there are not looked at, new ones are', () => {
  const { lower, upper, write } = layers();
  write('dir/new', '1');
  const walk = new UpperWalk(upper, lower);
  walk.look();
  write('dir/new', '22');
  expect(walk.look('directories')).toEqual({ created: [], changed: [], removed: [] });
  write('dir/other', '1');
  renameSync(join(upper, 'dir/other'), join(upper, 'dir/third'));
  expect(walk.look('directories')).toEqual({ created: ['/dir/third'], changed: ['/dir/new'], removed: [] });
});

test('applying makes the tree what the overlay showed, and touches no file of it', async () => {
  const { at, lower, upper, whiteout, write } = layers();
  await run('cp', ['-al', lower, join(at, 'linked')]);
  write('dir/a', 'changed');
  await whiteout('dir/b');
  await whiteout('gone');
  mkdirSync(join(upper, 'file'));
  write('file/in', 'a directory now');
  await whiteout('file/nothing');
  mkdirSync(join(upper, 'dir/sub'));
  await run('setfattr', ['-n', 'user.overlay.opaque', '-v', 'y', join(upper, 'dir/sub')]);
  await run('setfattr', ['-n', 'user.overlay.origin', '-v', 'x', join(upper, 'dir/a')]);
  await run('setfattr', ['-n', 'user.kept', '-v', 'k', join(upper, 'dir')]);
  writeFileSync(join(lower, 'dir/sub/hidden'), '');
  symlinkSync('/etc', join(upper, 'link'));
  chmodSync(join(upper, 'dir'), 0o2750);
  await applyUppers([upper], lower);
  expect(Object.keys(tree(lower))).toEqual(['dir', 'dir/a', 'dir/sub', 'file', 'file/in', 'link']);
  expect(tree(lower)['dir']).toMatch(/^dir 2750/);
  expect(readFileSync(join(at, 'linked/dir/a'), 'utf8')).toBe('dir/a');
  expect(existsSync(join(at, '.lower.half-applied'))).toBe(false);
  const { stdout } = await run('getfattr', ['-R', '-d', '-m', '-', '--absolute-names', lower]);
  expect(stdout).not.toContain('overlay');
  expect(stdout).toContain('user.kept="k"');
});

test('a link of the tree that stands where a directory came is not followed', async () => {
  const { at, lower, upper } = layers();
  mkdirSync(join(at, 'outside'));
  symlinkSync(join(at, 'outside'), join(lower, 'trap'));
  mkdirSync(join(upper, 'trap'));
  writeFileSync(join(upper, 'trap/file'), '');
  await applyUppers([upper], lower);
  expect(tree(join(at, 'outside'))).toEqual({});
  expect(tree(lower)['trap']).toMatch(/^dir/);
});
