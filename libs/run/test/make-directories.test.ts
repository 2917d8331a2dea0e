import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { makeDirectories, run } from '../src/index.ts';
import { bundle } from './bundle.ts';

const program = await bundle('directory-maker');

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'aot-test-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('what is missing is made with the mode, what is there stays', () => {
  mkdirSync(join(top, 'there'), { mode: 0o711 });
  makeDirectories(join(top, 'there/a/b'), { mode: 0o700 });
  makeDirectories(join(top, 'there/a/b'), { mode: 0o755 });
  expect([modeOf(join(top, 'there')), modeOf(join(top, 'there/a')), modeOf(join(top, 'there/a/b'))]).toEqual([
    0o711, 0o700, 0o700,
  ]);
});

test('a link to a directory is one', () => {
  symlinkSync('.', join(top, 'link'));
  makeDirectories(join(top, 'link/a'));
  expect(statSync(join(top, 'a')).isDirectory()).toBe(true);
});

test('a file or a dangling link in the way is named', () => {
  writeFileSync(join(top, 'file'), '');
  symlinkSync('nowhere', join(top, 'dangling'));
  for (const [path, inTheWay] of [
    ['file', 'file'],
    ['file/a/b', 'file'],
    ['dangling/a', 'dangling'],
  ]) {
    const make = () => makeDirectories(join(top, path as string), { what: 'cannot', hint: 'name another' });
    const message = `cannot: '${join(top, inTheWay as string)}' is not a directory`;
    expect(make).toThrow(expect.objectContaining({ message, exit: 73, hint: 'name another' }));
  }
});

test('below /proc it ends, with an error', async () => {
  const { stdout } = await run(process.execPath, [program, '/proc/nowhere/cache'], { timeout: 10_000 });
  expect(stdout).toBe("cannot create directory '/proc/nowhere/cache': no such file or directory");
});
