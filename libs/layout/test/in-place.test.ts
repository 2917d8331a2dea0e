import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Tree } from '@apt-ostree/ostree';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { clean, emptyVar, freshVar, packageState, restoreVar, Tmpfiles } from '../src/index.ts';

// A root that was laid out before, as in a container: what is in order stays, what came is added.

function made(files: Record<string, string>): Tree {
  const tree = new Tree(temporary(onTestFinished));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(tree.root, dirname(path)), { recursive: true });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), join(tree.root, path));
    else writeFileSync(join(tree.root, path), text);
  }
  return tree;
}

function layOut(tree: Tree, kept = (_path: string) => false): string {
  const tmpfiles = new Tmpfiles(tree);
  const links = packageState({ tree }, tmpfiles);
  emptyVar({ tree }, tmpfiles, kept);
  freshVar({ tree }, { links, optInVar: true, kept });
  tree.write('usr/lib/tmpfiles.d/aot-var.conf', tmpfiles.render());
  return tmpfiles.render();
}

const LAID_OUT = {
  'usr/lib/sysimage/dpkg/status': 'Package: a\n',
  'var/lib/dpkg': '-> ../../usr/lib/sysimage/dpkg',
};

test('package state that has moved before stays, with its link and its line', () => {
  const tree = made(LAID_OUT);
  expect(layOut(tree)).toContain('L+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg\n');
  expect(tree.readText('var/lib/dpkg/status')).toBe('Package: a\n');
});

test('a file that took the place of a link is the newer state', () => {
  const tree = made({
    ...LAID_OUT,
    'usr/lib/sysimage/apt/extended_states': 'old',
    'var/lib/apt/extended_states': 'new',
  });
  layOut(tree);
  expect(tree.readText('usr/lib/sysimage/apt/extended_states')).toBe('new');
  expect(tree.isLink('var/lib/apt/extended_states')).toBe(true);
});

test('laying out again, with /var restored in between, changes nothing', () => {
  const tree = made({ ...LAID_OUT, 'etc/passwd': 'root:x:0:0::/root:/bin/sh\n', 'var/lib/a/seed': 'x' });
  layOut(tree); // the places that every /var has are there from now on
  restoreVar(tree, []);
  const first = layOut(tree);
  expect(first).toContain('C /var/lib/a/seed');
  restoreVar(tree, []);
  expect(tree.readText('var/lib/a/seed')).toBe('x');
  expect(layOut(tree)).toBe(first);
  expect(tree.readText('usr/share/factory/var/lib/a/seed')).toBe('x');
  expect(tree.exists('var/lib/a')).toBe(false);
});

test('what is kept is neither described nor removed', () => {
  const tree = made({ ...LAID_OUT, 'var/cache/mine/file': 'x', 'var/cache/other': 'x' });
  const lines = layOut(tree, (path) => path.startsWith('var/cache/mine'));
  expect(lines).not.toContain('mine');
  expect(tree.readText('var/cache/mine/file')).toBe('x');
  expect(tree.exists('var/cache/other')).toBe(false);
});

test('backups are cleaned away behind links, and what is kept is not', () => {
  const tree = made({ ...LAID_OUT, 'usr/lib/sysimage/dpkg/status-old': '', 'etc/hostname': '', 'etc/passwd-': '' });
  clean({ tree }, (path) => path === 'etc/hostname');
  expect(tree.exists('usr/lib/sysimage/dpkg/status-old')).toBe(false);
  expect(tree.exists('etc/passwd-')).toBe(false);
  expect(tree.exists('etc/hostname')).toBe(true);
});
