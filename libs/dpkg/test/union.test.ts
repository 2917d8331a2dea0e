import { expect, test } from 'vitest';
import { type Claimant, type DirectoryNode, type Entry, replacesOf, Union } from '../src/index.ts';

const claimant = (name: string, fields: Partial<Claimant> = {}): Claimant => ({
  name,
  version: '1.0-1',
  architecture: 'amd64',
  multiArch: 'no',
  replaces: [],
  ...fields,
});

const root = { uid: 0, gid: 0 };
const dir = (path: string, mode = 0o755): Entry => ({ ...root, path, type: 'directory', mode: 0o040000 | mode });
const file = (path: string, object = path): Entry => ({ ...root, path, type: 'file', mode: 0o100644, object, size: 1 });
const link = (path: string, target: string): Entry => ({
  ...root,
  path,
  type: 'symlink',
  mode: 0o120777,
  target,
  object: target,
});
const replaces = (field: string) => ({ replaces: replacesOf(`Package: x\nReplaces: ${field}\n`) });

/** Every leaf by path, with its object. */
function leaves(node: DirectoryNode, at = ''): Record<string, string> {
  return Object.assign(
    {},
    ...[...node.children].map(([name, child]) =>
      child.type === 'directory' ? leaves(child, `${at}/${name}`) : { [`${at}/${name}`]: child.entry.object },
    ),
  );
}

test('the first package to ship a directory decides its mode', () => {
  const union = new Union();
  union.add(claimant('a'), [dir('d', 0o700), file('d/a')]);
  union.add(claimant('b'), [dir('d', 0o755), file('d/b')]);
  expect(union.root.children.get('d')).toMatchObject({ mode: 0o040700 });
  expect(leaves(union.root)).toEqual({ '/d/a': 'd/a', '/d/b': 'd/b' });
});

test('two packages that ship one path are an error that names both', () => {
  const union = new Union();
  union.add(claimant('a'), [dir('usr'), file('usr/x', '1')]);
  expect(() => union.add(claimant('b'), [file('usr/x', '1')])).toThrow(
    "cannot unpack 'b:amd64': '/usr/x' is also in package 'a:amd64'",
  );
});

test('a package that replaces another takes its path', () => {
  const [a, b] = [claimant('a'), claimant('b', replaces('a (<< 2)'))];
  const union = new Union();
  union.add(a, [file('x', '1'), file('y', '1')]);
  union.add(b, [file('x', '2')]);
  expect(leaves(union.root)).toEqual({ '/x': '2', '/y': '1' });
  expect([...union.replaced(a)]).toEqual(['x']);
  expect([...union.replaced(b)]).toEqual([]);
});

test('a package that is replaced by an earlier one does not get the path', () => {
  const [a, b] = [claimant('a', replaces('b')), claimant('b')];
  const union = new Union();
  union.add(a, [file('x', '1')]);
  union.add(b, [file('x', '2')]);
  expect(leaves(union.root)).toEqual({ '/x': '1' });
  expect([...union.replaced(b)]).toEqual(['x']);
});

test('Replaces of another version does not hold', () => {
  const union = new Union();
  union.add(claimant('a', { version: '2.0-1' }), [file('x')]);
  expect(() => union.add(claimant('b', replaces('a (<< 2)')), [file('x')])).toThrow('is also in package');
});

test('the same file of two architectures is shared, another is an error', () => {
  const same = { multiArch: 'same' };
  const [one, two] = [claimant('lib', same), claimant('lib', { ...same, architecture: 'i386' })];
  const union = new Union();
  union.add(one, [file('doc', '1')]);
  union.add(two, [file('doc', '1')]);
  expect(leaves(union.root)).toEqual({ '/doc': '1' });
  const other = new Union();
  other.add(one, [file('doc', '1')]);
  expect(() => other.add(two, [file('doc', '2')])).toThrow("'lib:amd64', with another content");
});

test('a link to a directory is a directory to those who come later, and one place has one owner', () => {
  const union = new Union();
  union.add(claimant('a'), [dir('usr'), dir('usr/real'), file('usr/real/x'), link('usr/alias', 'real')]);
  union.add(claimant('b'), [dir('usr/alias'), file('usr/alias/y')]);
  expect(leaves(union.root)).toEqual({
    '/usr/alias': 'real',
    '/usr/real/x': 'usr/real/x',
    '/usr/real/y': 'usr/alias/y',
  });
  expect(() => union.add(claimant('c'), [file('usr/alias/x')])).toThrow("is also in package 'a:amd64'");
});

test('a link never leads above the root, and loops end', () => {
  const union = new Union();
  union.add(claimant('a'), [link('up', '/../../..'), link('loop', 'loop')]);
  union.add(claimant('b'), [file('up/x')]);
  expect(leaves(union.root)).toMatchObject({ '/x': 'up/x' });
  expect(() => union.add(claimant('c'), [file('loop/x')])).toThrow("needs '/loop' to be a directory");
});

test('a file is no directory, and a directory no file', () => {
  const union = new Union();
  union.add(claimant('a'), [file('x'), dir('d')]);
  expect(() => union.add(claimant('b'), [file('x/y')])).toThrow("needs '/x' to be a directory");
  expect(() => union.add(claimant('c'), [file('d')])).toThrow("'/d' is a directory of another package");
});
