import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIntrospection } from '@apt-ostree/dbus';
import { expect, test } from 'vitest';
import { command as front } from '../../tools/apt-ostree/src/command.ts';
import { COMMANDS } from '../../tools/apt-ostreed/src/requests/request.ts';

const data = (name: string) => readFileSync(join(import.meta.dirname, '../../tools/apt-ostreed/data', name), 'utf8');

/** A command of this version says so in its description; of a group its first one does. */
function isLater(name: string): boolean {
  const found = front.subCommands?.find((c) => c.name === name);
  return (found?.subCommands?.[0] ?? found)?.description?.includes('cannot do it yet') ?? false;
}

test('the daemon uses commands that are there', () => {
  const names = front.subCommands?.map((c) => c.name) ?? [];
  expect(COMMANDS.filter((name) => !names.includes(name) || isLater(name))).toEqual([]);
});

test('polkit has an action for each that the daemon asks for', () => {
  const policy = data('org.aptostree1.policy');
  const source = readFileSync(join(import.meta.dirname, '../../tools/apt-ostreed/src/authorize.ts'), 'utf8');
  const asked = [...source.matchAll(/^ {2}\| '([\w-]+)'/gm)].map((m) => `org.aptostree1.${m[1]}`);
  const there = [...policy.matchAll(/<action id="([^"]+)"/g)].map((m) => m[1]);
  expect(there.sort()).toEqual(asked.sort());
});

const DIFF = 'a(sua{sv})';

/** What rpm-ostree 2026.2 has below org.projectatomic.rpmostree1, from its introspection document: in, out. */
const RPM_OSTREE: Record<string, Members> = {
  Sysroot: {
    methods: {
      ...{ RegisterClient: ['a{sv}', ''], UnregisterClient: ['a{sv}', ''], Reload: ['', ''], ReloadConfig: ['', ''] },
      GetOS: ['s', 'o'],
    },
    properties: {
      ...{ Booted: 'o', Path: 's', ActiveTransaction: '(sss)', ActiveTransactionPath: 's', AutomaticUpdatePolicy: 's' },
      Deployments: 'aa{sv}',
    },
    signals: {},
  },
  OS: {
    methods: {
      AutomaticUpdateTrigger: ['a{sv}', 'bs'],
      GetDeploymentsRpmDiff: ['ss', DIFF],
      Deploy: ['sa{sv}', 's'],
      GetCachedDeployRpmDiff: ['sas', `${DIFF}a{sv}`],
      DownloadDeployRpmDiff: ['sas', 's'],
      Upgrade: ['a{sv}', 's'],
      GetCachedUpdateRpmDiff: ['s', `${DIFF}a{sv}`],
      DownloadUpdateRpmDiff: ['', 's'],
      Rollback: ['a{sv}', 's'],
      ClearRollbackTarget: ['a{sv}', 's'],
      Rebase: ['a{sv}sas', 's'],
      GetCachedRebaseRpmDiff: ['sas', `${DIFF}a{sv}`],
      DownloadRebaseRpmDiff: ['sas', 's'],
      PkgChange: ['a{sv}asas', 's'],
      SetInitramfsState: ['basa{sv}', 's'],
      InitramfsEtc: ['asasbba{sv}', 's'],
      KernelArgs: ['sasasasa{sv}', 's'],
      GetDeploymentBootConfig: ['sb', 'a{sv}'],
      Cleanup: ['as', 's'],
      RefreshMd: ['a{sv}', 's'],
      ModifyYumRepo: ['sa{ss}', 's'],
      ListRepos: ['', 'aa{sv}'],
      UpdateDeployment: ['a{sv}a{sv}', 's'],
      FinalizeDeployment: ['a{sv}', 's'],
      WhatProvides: ['as', 'aa{sv}'],
      GetPackages: ['as', 'aa{sv}'],
      Search: ['as', 'aa{sv}'],
    },
    properties: {
      ...{ BootedDeployment: 'a{sv}', DefaultDeployment: 'a{sv}', RollbackDeployment: 'a{sv}', CachedUpdate: 'a{sv}' },
      ...{ HasCachedUpdateRpmDiff: 'b', Name: 's' },
    },
    signals: {},
  },
  OSExperimental: {
    methods: { Moo: ['b', 's'], LiveFs: ['a{sv}', 's'], DownloadPackages: ['ass', ''] },
    properties: {},
    signals: {},
  },
  Transaction: {
    methods: { Start: ['', 'b'], Cancel: ['', ''] },
    properties: { Title: 's', InitiatingClientDescription: 's' },
    signals: {
      ...{
        Finished: 'bs',
        Message: 's',
        TaskBegin: 's',
        TaskEnd: 's',
        PercentProgress: 'su',
        SignatureProgress: 'avs',
      },
      ...{ DownloadProgress: '(tt)(uu)(uuu)(uuut)(uu)(tt)', ProgressEnd: '' },
    },
  },
};

interface Members {
  methods: Record<string, [string, string]>;
  properties: Record<string, string>;
  signals: Record<string, string>;
}

/** Members that only we have. */
const OURS: Record<string, string[]> = {
  Sysroot: ['CancelTransaction'],
  OS: ['OpenUpload'],
  Transaction: ['Note', 'Progress', 'Ended'],
};

test("every member of rpm-ostree's interfaces is there with its signature, and what is ours is told", () => {
  const there = parseIntrospection(data('org.aptostree1.xml')).map(({ name, methods, properties, signals }) => {
    const face = name.replace('org.aptostree1.', '');
    const theirs = ([member]: [string, unknown]) => !OURS[face]?.includes(member);
    return [
      face,
      {
        methods: Object.fromEntries([...methods].filter(theirs).map(([n, types]) => [n, [types.in, types.out]])),
        properties: Object.fromEntries([...properties].filter(theirs)),
        signals: Object.fromEntries([...signals].filter(theirs)),
      },
    ];
  });
  expect(Object.fromEntries(there)).toEqual(RPM_OSTREE);
});
