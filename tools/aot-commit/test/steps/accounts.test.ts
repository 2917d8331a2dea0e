import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkAccounts } from '../../src/steps/check-accounts.ts';
import { shadow } from '../../src/steps/shadow.ts';
import { sysusers } from '../../src/steps/sysusers.ts';
import { CLOCK, GROUP, makeLayout, PASSWD } from '../fixture.ts';

const ETC = { 'etc/passwd': PASSWD, 'etc/group': GROUP };

describe('sysusers lines', () => {
  test('every user and group that no package declares has one, with its number', () => {
    const { tree, ...layout } = makeLayout({ ...ETC, 'usr/lib/sysusers.d/x.conf': 'g mail 8\n# g sudo\nu root 0\n' });
    sysusers({ ...layout, tree });
    expect(tree.readText('usr/lib/sysusers.d/aot.conf')).toBe(
      ['g man 12', 'g sudo 27', 'u man 6:12 "man" /var/cache/man /usr/sbin/nologin', 'm man sudo', ''].join('\n'),
    );
  });

  test('there is no file when packages declare all', () => {
    const { tree, ...layout } = makeLayout({
      ...ETC,
      'usr/lib/sysusers.d/x.conf': 'u root 0\nu! man 6:12\ng mail 8\ng sudo 27\n',
    });
    sysusers({ ...layout, tree });
    expect(tree.exists('usr/lib/sysusers.d/aot.conf')).toBe(false);
  });
});

describe('shadow files', () => {
  test('the day of the last change is that of the clock; a forced change and an empty field stay', () => {
    const { tree, ...layout } = makeLayout({
      'etc/shadow': { text: 'root:*:20779:0:99999:7:::\nnew:!:0:0:::::\nsys:!*::::::1:\n', mode: 0o640, gid: 42 },
    });
    shadow({ ...layout, tree });
    const day = Math.floor(CLOCK / 86_400);
    expect(tree.readText('etc/shadow')).toBe(`root:*:${day}:0:99999:7:::\nnew:!:0:0:::::\nsys:!*::::::1:\n`);
    expect([tree.lstat('etc/shadow')!.mode & 0o7777, tree.lstat('etc/shadow')!.gid]).toEqual([0o640, 42]);
  });

  test('gshadow has the groups that group has, in its own order', () => {
    const { tree, ...layout } = makeLayout({ ...ETC, 'etc/gshadow': 'sudo:*::man\ngone:!::\nroot:*::\n' });
    shadow({ ...layout, tree });
    expect(tree.readText('etc/gshadow')).toBe('sudo:*::man\nroot:*::\nmail:!::\nman:!::\n');
  });
});

describe('numbers of users and groups', () => {
  const previous = { 'usr/etc/passwd': PASSWD, 'usr/etc/group': GROUP };
  const check = (
    files: Record<string, string>,
    treefile: Record<string, unknown>,
    parent: Record<string, string> = previous,
    root = '.',
  ) => checkAccounts(makeLayout({ ...ETC, ...files }, treefile, parent), root);

  test('equal to the parent commit, or without one, is fine; so is a new user', async () => {
    await check({}, {});
    await check({}, {}, {});
    await check({ 'etc/passwd': `${PASSWD}new:x:990:990::/:/bin/sh\n` }, {});
  });

  test('a user that is gone and a group with another number are errors that name both', async () => {
    const changed = {
      'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
      'etc/group': GROUP.replace('sudo:x:27', 'sudo:x:28'),
    };
    await expect(check(changed, {})).rejects.toThrow(/user 'man' is gone; group 'sudo' was 27 and is 28$/);
  });

  test('groups of etc-group-members are in /etc/group, or named', async () => {
    await check({}, { 'etc-group-members': ['sudo', 'mail'] });
    await expect(check({}, { 'etc-group-members': ['sudo', 'wheel', 'guests'] })).rejects.toThrow(
      /^cannot keep groups in \/etc\/group: 'wheel', 'guests' not in the tree$/,
    );
  });

  test('what the treefile says may go is fine', async () => {
    const gone = { 'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n', 'etc/group': 'root:x:0:\n' };
    await check(gone, { 'ignore-removed-users': ['man'], 'ignore-removed-groups': ['*'] });
    await check(gone, { 'check-passwd': { type: 'none' }, 'check-groups': { type: 'none' } });
    await check(gone, { container: true });
  });

  test('the error names number and name of each, and what the treefile can say', async () => {
    const changed = { 'etc/passwd': 'root:x:0:0::/:/bin/sh\n', 'etc/group': GROUP.replace('man:x:12', 'man:x:13') };
    await expect(check(changed, {})).rejects.toMatchObject({
      exit: 1,
      code: 'account-check',
      hint: expect.stringContaining("accept it with 'ignore-removed-users: [man]', 'check-groups: {type: none}' in"),
    });
  });

  test('preserve-passwd: false compares with nothing, except what is asked for', async () => {
    const changed = { 'etc/group': GROUP.replace('sudo:x:27', 'sudo:x:28') };
    await check(changed, { 'preserve-passwd': false });
    for (const off of [{ 'preserve-passwd': false }, { container: true }]) {
      const asked = { ...off, 'check-groups': { type: 'previous' } };
      await expect(check(changed, asked)).rejects.toThrow(/group 'sudo' was 27 and is 28$/);
    }
    await expect(check(changed, { container: true, 'preserve-passwd': true })).rejects.toThrow(/group 'sudo'/);
  });

  test('a table gives a number, a list of one, or user and group', async () => {
    const data = (entries: object) => ({ 'check-passwd': { type: 'data', entries }, 'check-groups': { type: 'none' } });
    await check({}, data({ root: 0, man: [6, 12] }));
    await expect(check({}, data({ man: [7] }))).rejects.toThrow(/user 'man' was 7 and is 6$/);
    await expect(check({}, data({ man: [6, 13] }))).rejects.toThrow(/user 'man' was 6:13 and is 6:12$/);
  });

  test('a file beside the treefile is compared', async () => {
    const root = temporary(onTestFinished);
    writeFileSync(join(root, 'group'), 'sudo:x:99:\n');
    const file = (filename: string) => ({
      'check-groups': { type: 'file', filename },
      'check-passwd': { type: 'none' },
    });
    await expect(check({}, file('group'), {}, root)).rejects.toThrow(/group 'sudo' was 99 and is 27$/);
    const inputs = [{ path: 'group', sha256: sha256('sudo:x:27:\n'), executable: false, use: 'tree' as const }];
    const layout = makeLayout(ETC, file('group'));
    await expect(checkAccounts({ ...layout, manifest: { ...layout.manifest, inputs } }, root)).rejects.toMatchObject({
      exit: 65,
      code: 'changed-input',
    });
    await expect(check({}, file('nowhere'), {}, root)).rejects.toThrow(/cannot read .*no such file/);
  });
});
