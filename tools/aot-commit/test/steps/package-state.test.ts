import { emptyVar, freshVar, packageState, Tmpfiles } from '@apt-ostree/layout';
import { expect, test } from 'vitest';
import { makeLayout } from '../fixture.ts';

const FILES = {
  'var/lib/dpkg/status': 'Package: hello\n',
  'var/lib/dpkg/alternatives/awk': 'auto\n',
  'var/lib/apt/extended_states': 'Package: hello\n',
  'var/cache/debconf/config.dat': 'x',
  'var/lib/pam/seen': 'unix\n',
  'var/lib/systemd/deb-systemd-helper-enabled/ssh.service.dsh-also': 'x',
  'var/lib/shells.state': '/bin/sh\n',
  'var/lib/ucf/hashfile': 'x',
  'var/lib/python/python3.13_installed': '',
};

function move() {
  const layout = makeLayout(FILES);
  const tmpfiles = new Tmpfiles(layout.tree);
  const links = packageState(layout, tmpfiles);
  emptyVar(layout, tmpfiles);
  freshVar(layout, { links, optInVar: true });
  return { tree: layout.tree, lines: tmpfiles.render() };
}

test("dpkg's database is in /usr/lib/sysimage, and the old place leads there, in the tree and by tmpfiles", () => {
  const { tree, lines } = move();
  expect(tree.readText('usr/lib/sysimage/dpkg/status')).toBe('Package: hello\n');
  expect(tree.readLink('var/lib/dpkg')).toBe('../../usr/lib/sysimage/dpkg');
  expect(tree.readText('var/lib/dpkg/alternatives/awk')).toBe('auto\n');
  expect(lines).toContain('L+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg\n');
});

test('every piece of state is found at its old place, and none is copied to the factory', () => {
  const { tree } = move();
  for (const [path, text] of Object.entries(FILES)) expect(tree.readText(path), path).toBe(text);
  expect(tree.exists('usr/share/factory')).toBe(false);
});

test('parents of the links come before them in the lines', () => {
  const lines = move()
    .lines.split('\n')
    .map((l) => l.split(' ')[1]);
  expect(lines.indexOf('/var/lib')).toBeGreaterThanOrEqual(0);
  expect(lines.indexOf('/var/lib')).toBeLessThan(lines.indexOf('/var/lib/dpkg'));
  expect(lines.indexOf('/var/lib/systemd')).toBeLessThan(lines.indexOf('/var/lib/systemd/deb-systemd-helper-enabled'));
});
