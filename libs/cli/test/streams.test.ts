import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AotError } from '@apt-ostree/errors';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { checkWritable, writeFileWhole } from '../src/streams.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'streams-'));
  const made = directory;
  onTestFinished(() => rmSync(made, { recursive: true }));
});

test('a new file, and one that was there', () => {
  const file = join(directory, 'out');
  for (const text of ['one', 'two, longer']) {
    writeFileWhole(file, text);
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
  expect(readdirSync(directory)).toEqual(['out']);
});

test('a link stays and its target is replaced', () => {
  writeFileSync(join(directory, 'target'), 'old');
  symlinkSync('target', join(directory, 'link'));
  writeFileWhole(join(directory, 'link'), 'new');
  expect(readlinkSync(join(directory, 'link'))).toBe('target');
  expect(readFileSync(join(directory, 'target'), 'utf8')).toBe('new');
});

test('what can be written passes the check, which leaves nothing', () => {
  writeFileSync(join(directory, 'there'), 'old');
  symlinkSync('there', join(directory, 'link'));
  for (const file of [join(directory, 'new'), join(directory, 'there'), join(directory, 'link'), '/dev/null', 'out'])
    expect(() => checkWritable(file)).not.toThrow();
  expect(readdirSync(directory).sort()).toEqual(['link', 'there']);
  expect(readFileSync(join(directory, 'there'), 'utf8')).toBe('old');
});

test('a device is written to, not replaced', () => {
  writeFileWhole('/dev/null', 'text');
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('a name as long as names can be', () => {
  const name = 'x'.repeat(255);
  writeFileWhole(join(directory, name), 'text');
  expect(readdirSync(directory)).toEqual([name]);
});

test.each([
  ['a directory that is not there', 'none/out', 73, 'no such file or directory'],
  ['a file for a directory', 'file/out', 73, 'not a directory'],
  ['a directory in its place', 'dir', 73, 'is a directory'],
])('%s', (_, name, exit, reason) => {
  writeFileSync(join(directory, 'file'), '');
  mkdirSync(join(directory, 'dir'));
  const file = join(directory, name);
  for (const work of [() => writeFileWhole(file, 'text'), () => checkWritable(file)]) {
    let error: AotError | undefined;
    try {
      work();
    } catch (caught) {
      error = caught as AotError;
    }
    expect(error).toMatchObject({ name: 'AotError', exit, message: `cannot write '${file}': ${reason}` });
  }
  expect(readdirSync(directory).sort()).toEqual(['dir', 'file']);
});

test('a full device leaves an error', () => {
  expect(() => writeFileWhole('/dev/full', 'text')).toThrow("cannot write '/dev/full': no space left on device");
});
