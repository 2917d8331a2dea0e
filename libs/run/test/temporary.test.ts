import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sweep, temporaryDirectory } from '../src/index.ts';

function parent(): string {
  const path = mkdtempSync(join(tmpdir(), 'aot-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a directory that is held is not swept; removed, nothing of it stays', async () => {
  const top = join(parent(), 'tmp');
  const { path, remove } = await temporaryDirectory(top);
  writeFileSync(join(path, 'file'), '');
  await sweep(top);
  expect(existsSync(join(path, 'file'))).toBe(true);
  await remove();
  expect(readdirSync(top)).toEqual([]);
});

test('what nobody holds is swept, and what is not ours is left alone', async () => {
  const top = parent();
  mkdirSync(join(top, 'aot-tmp.dead/deep'), { recursive: true });
  mkdirSync(join(top, 'other'));
  mkdirSync(join(top, 'aot-tmp.without-lock'));
  for (const name of ['aot-tmp.dead.lock', 'aot-tmp.without-directory.lock']) writeFileSync(join(top, name), '');
  await sweep(top);
  expect(readdirSync(top)).toEqual(['other']);
});

test('many at once, each sweeping first: none loses its directory', async () => {
  const top = join(parent(), 'tmp');
  const one = async () => {
    await sweep(top);
    const directory = await temporaryDirectory(top);
    expect(existsSync(directory.path)).toBe(true);
    await sweep(top);
    expect(existsSync(directory.path)).toBe(true);
    await directory.remove();
  };
  await Promise.all(Array.from({ length: 6 }, one));
  expect(readdirSync(top)).toEqual([]);
});

test('a parent that cannot be made is an error that names it', async () => {
  const file = join(parent(), 'file');
  writeFileSync(file, '');
  await expect(temporaryDirectory(join(file, 'tmp'))).rejects.toThrow(
    /^cannot create a temporary directory in '.*file\/tmp'/,
  );
});
