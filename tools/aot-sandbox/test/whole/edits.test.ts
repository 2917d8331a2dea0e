import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest } from '@apt-ostree/manifest';
import { type PackageSpec, temporary, tree } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { beneath } from '../../src/edits/beneath.ts';
import { isWanted } from '../../src/edits/install-langs.ts';
import { lab } from '../lab.ts';

const app: PackageSpec = {
  name: 'app',
  files: {
    '/usr/bin/app': '#!/bin/sh\n',
    '/usr/lib/systemd/system/app.target': '[Unit]\n',
    '/usr/share/doc/app/README': 'read me',
    '/usr/share/doc/app/copyright': 'mine',
    '/usr/share/man/man1/app.1': '.TH',
    '/usr/share/man/de/man1/app.1': '.TH',
    '/usr/share/locale/de/LC_MESSAGES/app.mo': 'x',
    '/usr/share/locale/pt_BR/LC_MESSAGES/app.mo': 'x',
    '/usr/share/app/a.txt': 'a',
    '/usr/share/app/b.txt': 'b',
  },
};

async function edited(treefile: object) {
  const it = await lab([app], { treefile });
  return {
    it,
    edit: async () => ({ ...(await it.run(['--source-root', it.sourceRoot])), at: (path: string) => it.rootfs + path }),
  };
}

test('each key has its effect and its row', async () => {
  const { it, edit } = await edited({
    'add-files': [
      ['etc/app.conf', '/etc/app.d/app.conf'],
      ['tool', '/usr/bin/tool'],
    ],
    'remove-files': ['/usr/share/man'],
    'remove-from-packages': [['app', '/usr/share/app/a.*', 'b.txt']],
    'default-target': 'app.target',
    'readonly-executables': true,
    documentation: false,
    'install-langs': ['de_DE'],
    postprocess: ['cat /etc/app.d/app.conf >/etc/seen', '#!/usr/bin/env sh\necho second >>/etc/seen\n'],
    'postprocess-script': 'finish',
  });
  it.input('etc/app.conf', 'x=1\n').input('tool', '#!/bin/sh\n', true);
  it.input('finish', '#!/bin/sh\necho finish >>/etc/seen\nstart-stop-daemon --stop', true);
  const result = await edit();
  expect(result.stderr).not.toContain('aot-sandbox:');
  expect(readFileSync(result.at('/etc/seen'), 'utf8')).toBe('x=1\nsecond\nfinish\n');
  expect(lstatSync(result.at('/etc/app.d/app.conf'))).toMatchObject({ mode: 0o100644, uid: 0 });
  expect(lstatSync(result.at('/usr/bin/tool')).mode & 0o777).toBe(0o755);
  expect(lstatSync(result.at('/usr/bin/app')).mode & 0o777).toBe(0o555);
  expect(existsSync(result.at('/usr/share/man'))).toBe(false);
  expect([existsSync(result.at('/usr/share/app/a.txt')), existsSync(result.at('/usr/share/app/b.txt'))]).toEqual([
    false,
    true,
  ]);
  expect(readlinkSync(result.at('/etc/systemd/system/default.target'))).toBe('/usr/lib/systemd/system/app.target');
  expect(existsSync(result.at('/usr/share/doc/app/README'))).toBe(false);
  expect(existsSync(result.at('/usr/share/doc/app/copyright'))).toBe(true);
  expect([existsSync(result.at('/usr/share/locale/de')), existsSync(result.at('/usr/share/locale/pt_BR'))]).toEqual([
    true,
    false,
  ]);
  const rows = parseManifest(result.stdout, ['aot.rootfs/v1'], 'the tool').scripts.filter(
    (s) => s.package === 'treefile',
  );
  expect(rows.map((r) => r.script)).toEqual([
    ...['documentation', 'install-langs', 'readonly-executables', 'remove-from-packages', 'remove-files', 'add-files'],
    ...['default-target', 'postprocess', 'postprocess', 'postprocess'],
  ]);
  expect(rows.at(-1)).toMatchObject({
    changed: ['/etc/seen'],
    calls: [{ program: 'start-stop-daemon', args: ['--stop'] }],
  });
});

test('a failing script of the treefile leaves the configured tree without edits', async () => {
  const { it, edit } = await edited({ 'remove-files': ['/usr/bin/app'], postprocess: ['echo oh; exit 9'] });
  const result = await edit();
  expect(result.code).toBe(1);
  expect(result.stderr).toContain('aot-sandbox: cannot run postprocess of the treefile: it ended with 9\n| oh\n');
  expect(existsSync(join(it.rootfs, 'usr/bin/app'))).toBe(true);
});

test('a file that changed beside the treefile is refused before anything is edited', async () => {
  const { it, edit } = await edited({ 'add-files': [['a', '/etc/a']] });
  it.input('a', 'before');
  writeFileSync(join(it.sourceRoot, 'a'), 'after');
  const result = await edit();
  expect(result.code).toBe(65);
  expect(result.stderr).toContain("cannot use 'a'");
});

test('units need systemd, patterns a package', async () => {
  const units = await (await edited({ units: ['app.service'] })).edit();
  expect(units.stderr).toContain("cannot enable units: the tree has no 'systemctl'");
  const gone = await (await edited({ 'remove-from-packages': [['nope', '.*']] })).edit();
  expect(gone.stderr).toContain("cannot remove files of 'nope': the package is not in the tree");
});

test('sysusers: compose-forced needs systemd-sysusers, and runs it behind add-files; else it does not run', async () => {
  const program =
    '#!/bin/sh -e\nsed "s/^u \\(.*\\) .*/\\1:x:990:990::\\/:\\/bin\\/sh/" /usr/lib/sysusers.d/own.conf >>/etc/passwd\n';
  const made = async (sysusers: string, files: [string, string][]) => {
    const { it, edit } = await edited({ sysusers, 'add-files': files });
    it.input('own.conf', 'u web -\n').input('program', program, true);
    return edit();
  };
  const conf: [string, string] = ['own.conf', '/usr/lib/sysusers.d/own.conf'];
  const all: [string, string][] = [conf, ['program', '/usr/bin/systemd-sysusers']];
  const forced = await made('compose-forced', all);
  expect(forced.code, forced.stderr).toBe(0);
  expect(readFileSync(forced.at('/etc/passwd'), 'utf8')).toMatch(/^web:x:990:990:/m);
  const left = await made('compose-auto', all);
  expect(readFileSync(left.at('/etc/passwd'), 'utf8')).not.toContain('web');
  const lacking = await made('compose-forced', [conf]);
  expect(lacking.code).toBe(1);
  expect(lacking.stderr).toContain("cannot make the declared users: the tree has no 'systemd-sysusers'");
});

test('a tree that is configured already is only edited', async () => {
  const { it, edit } = await edited({});
  it.manifest = parseManifest((await edit()).stdout, ['aot.rootfs/v1'], 'the tool');
  const before = it.manifest.scripts.length;
  it.manifest.treefile = { ...it.manifest.treefile, 'remove-files': ['/usr/share/app'] };
  const { scripts } = parseManifest((await edit()).stdout, ['aot.rootfs/v1'], 'the tool');
  expect(scripts.length).toBe(before + 1);
  expect(scripts.at(-1)).toMatchObject({ package: 'treefile', script: 'remove-files' });
  const again = tree(it.rootfs);
  expect(Object.keys(again).filter((path) => path.startsWith('usr/share/app'))).toEqual([]);
});

test('paths are resolved beneath the tree', () => {
  const root = temporary(onTestFinished);
  mkdirSync(join(root, 'a/b'), { recursive: true });
  symlinkSync('/a', join(root, 'absolute'));
  symlinkSync('../../../../a/b', join(root, 'a/climbing'));
  symlinkSync('loop', join(root, 'loop'));
  expect(beneath(root, '/absolute/x')).toBe(`${root}/a/x`);
  expect(beneath(root, '/a/climbing/x')).toBe(`${root}/a/b/x`);
  expect(beneath(root, '/a/climbing')).toBe(`${root}/a/climbing`);
  expect(beneath(root, '/a/../../../etc/x')).toBe(`${root}/etc/x`);
  expect(() => beneath(root, '/loop/x')).toThrow('a loop of links');
});

test.each([
  ['de', ['de'], true],
  ['de_AT', ['de'], true],
  ['de', ['de_AT'], true],
  ['de_CH', ['de_AT'], false],
  ['pt_BR', ['pt_BR.UTF-8'], true],
  ['sr@latin', ['sr'], true],
  ['en', ['de'], false],
])('translations to %s with %j: %s', (name, wanted, kept) => expect(isWanted(name, wanted)).toBe(kept));

test('answers need debconf in the tree', async () => {
  const { edit } = await edited({ debconf: { 'app/x': { package: 'app', type: 'string', value: 'y' } } });
  const { code, stderr } = await edit();
  expect(code).toBe(1);
  expect(stderr).toContain("cannot hand on answers: the tree has no 'debconf-set-selections'");
  expect(stderr).toContain("hint: add 'debconf' to the packages of the treefile");
});
