import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hasEnded, processMark, replaceFile, replaceWith, start, sweep } from '../src/index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'replace-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('a file gets its new content, and keeps the old one when the new one cannot be made', () => {
  const file = join(scratch, 'file');
  replaceFile(file, 'old\n');
  expect(readFileSync(file, 'utf8')).toBe('old\n');
  const fail = (temporary: string) => {
    writeFileSync(temporary, 'ne');
    writeFileSync('/dev/full', 'w');
  };
  expect(() => replaceWith(file, fail)).toThrow(`cannot write '${file}': no space left on device`);
  expect(readFileSync(file, 'utf8')).toBe('old\n');
  expect(readdirSync(scratch)).toEqual(['file']);
});

test('what a killed process left is swept, what a living one is about to replace stays', async () => {
  const directory = mkdtempSync(join(scratch, 'swept-'));
  const [namespace, pid, started] = processMark.split('-');
  const mine = `.a.json.${processMark}.tmp`;
  for (const name of [mine, `.a.json.${namespace}-${pid}-${Number(started) - 1}.tmp`, 'a.json', '.other.tmp'])
    writeFileSync(join(directory, name), '');
  await sweep(directory);
  expect(readdirSync(directory).sort()).toEqual([mine, '.other.tmp', 'a.json'].sort());
});

test('a directory in its place is an error that names it', () => {
  const directory = join(scratch, 'directory');
  mkdirSync(directory);
  expect(() => replaceFile(directory, '')).toThrow(`cannot write '${directory}'`);
});

test('a mark tells processes apart, also those that had the same number one after the other', async () => {
  const [namespace, pid, started] = processMark.split('-') as [string, string, string];
  expect(hasEnded(`aot-${processMark}-1`)).toBe(false);
  expect(hasEnded(`aot-${namespace}-${pid}-${Number(started) - 1}-1`)).toBe(true);
  const child = start('true', []);
  await child.ended;
  expect(hasEnded(`aot-${namespace}-${child.child.pid}-${started}-1`)).toBe(true);
  expect(hasEnded(`aot-${Number(namespace) + 1}-${pid}-1-1`)).toBe(false);
});
