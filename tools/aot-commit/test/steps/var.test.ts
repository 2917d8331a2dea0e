import { emptyVar, ruleOf, Tmpfiles } from '@apt-ostree/layout';
import { describe, expect, test } from 'vitest';
import table from '../../../../libs/layout/src/data/var.json' with { type: 'json' };
import { strictVar } from '../../src/steps/strict-var.ts';
import { GROUP, makeLayout, PASSWD, type Spec } from '../fixture.ts';

const ACCOUNTS = { 'etc/passwd': PASSWD, 'etc/group': GROUP };

function empty(files: Record<string, Spec>) {
  const layout = makeLayout({ ...ACCOUNTS, ...files });
  const tmpfiles = new Tmpfiles(layout.tree);
  emptyVar(layout, tmpfiles);
  return { tree: layout.tree, lines: tmpfiles.render().split('\n').filter(Boolean) };
}

describe('the contents of /var', () => {
  test('a directory becomes a line with mode and names of owner and group', () => {
    const { lines } = empty({ 'var/mail': { dir: 0o2775, gid: 8 }, 'var/cache/x': { dir: 0o750, uid: 6, gid: 12 } });
    expect(lines).toEqual([
      'd /var/cache 0755 root root -',
      'd /var/cache/x 0750 man man -',
      'd /var/mail 2775 root mail -',
    ]);
  });

  test('a link becomes a line', () => {
    expect(empty({ 'var/spool/mail': { link: '../mail' } }).lines).toContain('L /var/spool/mail - - - - ../mail');
  });

  test('a regular file goes to the factory, with a line that copies it', () => {
    const { tree, lines } = empty({ 'var/lib/thing/state': { text: 'x', mode: 0o600 } });
    expect(lines).toContain('C /var/lib/thing/state 0600 root root -');
    expect(tree.readText('usr/share/factory/var/lib/thing/state')).toBe('x');
  });

  test("what a package's own tmpfiles line makes gets no second one", () => {
    const { lines } = empty({
      'usr/lib/tmpfiles.d/man-db.conf': '# comment\nd /var/cache/man 0755 man man 1w\nz /var/log/x 0755\n',
      'var/cache/man': { dir: 0o755 },
      'var/log/x': { dir: 0o755 },
    });
    expect(lines.filter((l) => l.includes('/man'))).toEqual([]);
    expect(lines).toContain('d /var/log/x 0755 root root -');
  });

  test('names with blanks, quotes and percent signs are written so that systemd reads them back', () => {
    const { lines } = empty({ 'var/lib/a b%c"d': { dir: 0o755 } });
    expect(lines).toContain('d "/var/lib/a b%%c\\"d" 0755 root root -');
  });

  test('logs, locks and caches of the build are dropped, the directories stay', () => {
    const { tree, lines } = empty({
      'var/log/dpkg.log': 'x',
      'var/log/apt/history.log': 'x',
      'var/cache/apt/pkgcache.bin': 'x',
      'var/cache/ldconfig/aux-cache': 'x',
      'var/cache/man/fr/index.db': 'x',
      'var/lib/systemd/catalog/database': 'x',
      'var/cache/debconf/passwords.dat': 'secret',
    });
    expect(tree.exists('usr/share/factory')).toBe(false);
    expect(lines.map((l) => l.split(' ')[1])).toContain('/var/log/apt');
    expect(lines.join('\n')).not.toMatch(/dpkg\.log|pkgcache|aux-cache|index\.db|database|passwords|\/fr/);
  });

  test('with --strict-var every path needs a row or a tmpfiles line, and all that lack one are named', () => {
    const files = {
      ...{ 'var/lib/one': { dir: 0o755 }, 'var/lib/two': 'x', 'var/lib/misc': { dir: 0o755 } },
      ...{ 'var/lib/dpkg/status': '', 'var/cache/man/de/index.db': '', 'root/left': '', 'srv/web/index': '' },
      ...{ 'home/foo/x': '' },
    };
    const strict = (more: Record<string, Spec> = {}) => strictVar(makeLayout({ ...ACCOUNTS, ...files, ...more }));
    const unknown = [
      ...['/var/lib/one', '/var/lib/two', '/var/home/foo', '/var/home/foo/x'],
      ...['/var/roothome/left', '/var/srv/web', '/var/srv/web/index'],
    ];
    expect(strict).toThrow(`no rule for ${unknown.map((path) => `'${path}'`).join(', ')}`);
    const lines = unknown.map((path) => `d ${path}\n`).join('');
    expect(() => strict({ 'usr/lib/tmpfiles.d/x.conf': lines })).not.toThrow();
  });

  test('with --strict-var a directory of /usr/local is of a package, in the table, or has something that is shipped', () => {
    const files = {
      ...{ 'usr/local/bin': { dir: 0o755 }, 'usr/local/share/own': { dir: 0o755 }, 'usr/local/tool/bin/tool': 'x' },
      ...{
        'opt/tool/x': 'x',
        'usr/local/made/by': { dir: 0o755 },
        'var/lib/dpkg/info/own.list': '/usr/local/share/own\n',
      },
      'var/lib/dpkg/status': 'Package: own\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n',
    };
    expect(() => strictVar(makeLayout({ ...ACCOUNTS, ...files }))).toThrow(
      "no rule for '/var/usrlocal/made', '/var/usrlocal/made/by'",
    );
    expect(() => strictVar(makeLayout({ ...ACCOUNTS, ...files }, { 'opt-usrlocal': 'root' }))).not.toThrow();
    expect(ruleOf('var/opt/x')).toBeUndefined();
  });

  test('the longest rule wins', () => {
    expect(ruleOf('var/log/apt/term.log')).toBe('drop-files');
    expect(ruleOf('var/cache/man')).toBe('keep');
    expect(ruleOf('var/cache/man/de/cat1')).toBe('drop');
    expect(ruleOf('var/lib/never-heard-of')).toBeUndefined();
  });

  test('every row is of one path, has a reason and a known action', () => {
    expect(new Set(table.map((r) => r.path)).size).toBe(table.length);
    for (const row of table) {
      expect(row.path).toMatch(/^var\/[^*]+(\/\*\*)?$/);
      expect(row.path.endsWith('/**') ? ['drop', 'drop-files'] : ['keep', 'drop', 'drop-files']).toContain(row.action);
      expect(row.reason.length).toBeGreaterThan(3);
    }
  });
});
