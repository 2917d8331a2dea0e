import { linkSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTree } from './fixture.ts';

describe('a tree that is edited', () => {
  test('a write puts a new file in place: the other name of a hardlinked file keeps its bytes', () => {
    const tree = makeTree({ 'etc/x': 'old' });
    const other = join(temporary(onTestFinished), 'object');
    linkSync(tree.at('etc/x'), other);
    tree.rewrite('etc/x', 'new');
    expect(readFileSync(other, 'utf8')).toBe('old');
    expect(tree.readText('etc/x')).toBe('new');
  });

  test('a rewrite keeps mode and owner', () => {
    const tree = makeTree({ 'etc/shadow': { text: 'x', mode: 0o640, gid: 42 } });
    tree.rewrite('etc/shadow', 'y');
    const { mode, uid, gid } = tree.lstat('etc/shadow')!;
    expect([mode & 0o7777, uid, gid]).toEqual([0o640, 0, 42]);
  });

  test('links in a path are followed within the root, never out of it', () => {
    const outside = temporary(onTestFinished);
    const tree = makeTree({ 'usr/lib/tmpfiles.d': { link: outside }, 'usr/lib/up': { link: '../../../../..' } });
    tree.write('usr/lib/tmpfiles.d/x.conf', 'x');
    tree.write('usr/lib/up/y', 'y');
    expect(lstatSync(join(outside, 'x.conf'), { throwIfNoEntry: false })).toBeUndefined();
    expect(tree.readText(`${outside.slice(1)}/x.conf`)).toBe('x');
    expect(tree.readText('y')).toBe('y');
  });

  test('a link that is read leads to a file of the tree, not of the machine', () => {
    const tree = makeTree({ 'etc/os-release': { link: '/usr/lib/os-release' }, 'usr/lib/os-release': 'ID=inside\n' });
    expect(tree.readText('etc/os-release')).toBe('ID=inside\n');
  });

  test('a loop of links is an error', () => {
    const tree = makeTree({ a: { link: 'b' }, b: { link: 'a' } });
    expect(() => tree.readText('a/x')).toThrow(/too many links/);
  });

  test('removing a link leaves what it points to', () => {
    const outside = temporary(onTestFinished);
    writeFileSync(join(outside, 'kept'), '');
    const tree = makeTree({ link: { link: outside } });
    tree.remove('link');
    expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('');
  });

  test('a walk is sorted by bytes, parents first, and does not enter links', () => {
    const tree = makeTree({ 'b/x': '', 'b/X': '', 'a-b': '', 'a/y': '', l: { link: 'b' } });
    expect([...tree.walk('')].map((e) => e.path)).toEqual(['a', 'a/y', 'a-b', 'b', 'b/X', 'b/x', 'l']);
  });
});
