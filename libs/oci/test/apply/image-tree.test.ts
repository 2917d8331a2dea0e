import type { TarEntry } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { formatListing, ImageTree, parseListing, type TreeDirectory, type TreeNode } from '../../src/index.ts';
import { layer, repository } from './layer.ts';

/** The paths of a tree; a directory ends with a slash, a link with its target. */
function paths(directory: TreeDirectory, prefix = ''): string[] {
  return [...directory.children].sort().flatMap(([name, node]: [string, TreeNode]) => {
    if (node.type === 'directory') return [`${prefix}${name}/`, ...paths(node, `${prefix}${name}/`)];
    return node.type === 'symlink' ? [`${prefix}${name} -> ${node.target}`] : [prefix + name];
  });
}

async function merged(...layers: TarEntry[][]): Promise<ImageTree> {
  const repo = await repository();
  const tree = new ImageTree();
  for (const entries of layers) tree.apply(parseListing(formatListing(await layer(entries, repo))));
  return tree;
}

const file = (name: string, content = name): TarEntry => ({ name, content });
const directory = (name: string, mode = 0o755): TarEntry => ({ name, type: 'directory', mode });
const link = (name: string, linkname: string): TarEntry => ({ name, type: 'symlink', linkname });

test('a layer is put over those before it', async () => {
  const tree = await merged(
    [directory('a/', 0o700), file('a/x'), file('b')],
    [file('a/y'), directory('b/'), file('b/z')],
  );
  expect(paths(tree.root)).toEqual(['a/', 'a/x', 'a/y', 'b/', 'b/z']);
  expect(tree.at('a')).toMatchObject({ metadata: { mode: 0o40700 } });
});

test('a whiteout takes away what is below, not what its own layer brings', async () => {
  const tree = await merged([file('a/x'), file('a/y'), file('b/z')], [file('a/.wh.x'), file('a/x'), file('.wh.b')]);
  expect(paths(tree.root)).toEqual(['a/', 'a/x', 'a/y']);
  const late = await merged([file('a/x')], [file('a/n'), file('a/.wh.n'), file('a/.wh.x')]);
  expect(paths(late.root)).toEqual(['a/', 'a/n']);
});

test('an opaque directory hides all of that directory below', async () => {
  const tree = await merged([file('a/x'), file('a/b/y')], [file('a/new'), file('a/.wh..wh..opq')]);
  expect(paths(tree.root)).toEqual(['a/', 'a/new']);
});

test("aufs's own books are no files", async () => {
  expect(paths((await merged([file('.wh..wh.plnk'), file('.wh..wh.aufs')])).root)).toEqual([]);
});

test('a hard link finds its target in its own layer and below, also one that is taken away', async () => {
  const hard = (name: string, linkname: string): TarEntry => ({ name, type: 'link', linkname });
  const tree = await merged([file('x', '1')], [file('y', '2'), hard('z', 'y'), hard('w', './x'), file('.wh.x')]);
  expect(paths(tree.root)).toEqual(['w', 'y', 'z']);
  expect(tree.at('z')).toEqual(tree.at('y'));
  await expect(merged([file('x')], [hard('y', 'none')])).rejects.toThrow(/hard link to '\/none', which is not there/);
  await expect(merged([directory('d/')], [hard('y', 'd')])).rejects.toThrow(/which is a directory/);
});

test('a path through a link stays in the tree and goes where the link leads', async () => {
  const tree = await merged(
    [directory('usr/bin/'), link('bin', 'usr/bin'), link('abs', '/usr')],
    [file('bin/x'), file('abs/y')],
  );
  expect(paths(tree.root)).toEqual(['abs -> /usr', 'bin -> usr/bin', 'usr/', 'usr/bin/', 'usr/bin/x', 'usr/y']);
});

test('a path through a file, or through links in a circle, is an error', async () => {
  await expect(merged([file('a')], [file('a/x')])).rejects.toThrow(/path through .* no directory/);
  await expect(merged([link('a', 'b'), link('b', 'a')], [file('a/x')])).rejects.toThrow(/path through/);
});

test('owner, mode and attributes are those of the last layer, and change the object', async () => {
  const pax = {
    'SCHILY.xattr.user.kept': 'v',
    'SCHILY.xattr.security.selinux': 'ctx',
    'SCHILY.xattr.trusted.overlay.opaque': 'y',
  };
  const repo = await repository();
  const [plain, other] = [await layer([file('x', '1')], repo), await layer([{ ...file('x', '1'), pax }], repo)];
  expect(plain[0]).not.toEqual(other[0]);
  const entries = await layer([{ ...directory('d/'), pax }], repo);
  expect(parseListing(formatListing(entries))).toEqual([
    {
      type: 'directory',
      path: 'd',
      metadata: { uid: 0, gid: 0, mode: 0o40755, xattrs: [['user.kept', Buffer.from('v')]] },
    },
  ]);
});
