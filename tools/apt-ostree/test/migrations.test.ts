import type { ScriptRun } from '@apt-ostree/manifest';
import { expect, test } from 'vitest';
import { migrationsOf } from '../src/host/change/migrations.ts';

const all = (name: string) => ({ name, architecture: 'all' });

const run = (name: string, created: string[], changed: string[] = []): ScriptRun => ({
  ...{ package: `${name}:all`, script: 'postinst', args: ['configure', ''], exit: 0, durationMs: 1 },
  ...{ calls: [], created, changed, removed: [] },
});

test('packages that are known for it are named with what to do', () => {
  expect(migrationsOf([all('postgresql-17'), all('postgresql-client-17'), all('slapd')], [])).toEqual([
    { package: 'postgresql-17', data: '/var/lib/postgresql', reason: expect.stringContaining('pg_upgradecluster') },
    { package: 'slapd', data: '/var/lib/ldap', reason: expect.stringContaining('slapcat') },
  ]);
});

test('of others the record tells which data their scripts made; the state of package tools is none', () => {
  const record = [
    run('a', [
      '/var/lib/a',
      '/var/lib/a/db',
      '/var/lib/a/log',
      '/var/lib/dpkg/x',
      '/var/lib/apt/y',
      '/var/lib/systemd/z',
    ]),
    run('a', [], ['/etc/a', '/var/cache/a/b']),
    run('b', ['/var/lib/b/db']),
  ];
  expect(migrationsOf([all('a'), all('c')], record)).toEqual([{ package: 'a', data: '/var/lib/a', reason: undefined }]);
});
