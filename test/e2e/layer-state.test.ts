import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type ArchivePackage, buildArchive } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CACHE, program } from '../lib/checkout.ts';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';
import { scratch } from '../lib/scratch.ts';

// A tree with packages layered is the tree that is composed with them: nothing is configured twice, or as if it were new.

const UNIT = '[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/true\n[Install]\nWantedBy=multi-user.target\n';

const PAM = `Name: a profile
Default: yes
Priority: 128
Session-Type: Additional
Session:
	optional	pam_permit.so
`;

const PACKAGES: ArchivePackage[] = [
  {
    name: 'aot-state',
    control: { Depends: 'aot-state-lib, debconf, libpam-runtime' },
    files: {
      '/usr/bin/aot-editor': { content: '#!/bin/sh\n', mode: 0o755 },
      '/usr/lib/systemd/system/aot-state.service': UNIT,
      '/usr/share/man/man1/aot-editor.1': '.TH AOT-EDITOR 1\n',
      '/etc/aot-state.conf': 'x\n',
      '/usr/share/pam-configs/aot-state': PAM,
      '/usr/lib/tmpfiles.d/aot-state.conf': 'd /var/lib/aot-state 0755 root root -\n',
    },
    conffiles: ['/etc/aot-state.conf'],
    controlFiles: {
      templates: 'Template: aot-state/answer\nType: string\nDefault: forty-two\nDescription: x\n y\n',
    },
    scripts: {
      postinst: `. /usr/share/debconf/confmodule
db_get aot-state/answer
update-alternatives --install /usr/bin/editor editor /usr/bin/aot-editor 1000
pam-auth-update --package
deb-systemd-helper unmask aot-state.service
deb-systemd-helper enable aot-state.service
mkdir -p /var/lib/aot-kept
echo kept > /var/lib/aot-kept/file
ldconfig`,
    },
  },
  {
    name: 'aot-state-lib',
    files: { '/usr/lib/x86_64-linux-gnu/libaot.so.1': 'x\n' },
    triggers: 'activate-noawait ldconfig\n',
  },
];

/** What may differ, by exact path, and why. */
const ALLOWED: Record<string, string> = {
  '/usr/lib/sysimage/apt/extended_states': 'apt reads a set: the marks of what is layered come last',
};

let world: LayerWorld;

beforeAll(async () => {
  world = await layerWorld('layer-state', PACKAGES);
});

afterAll(() => world?.server.close());

async function composed(): Promise<string> {
  const directory = scratch('layer-state-tree');
  const archive = await buildArchive({
    ...{ directory: join(directory, 'archive'), packages: PACKAGES, architectures: ['amd64'] },
    date: new Date('2024-01-01'),
  });
  writeFileSync(join(directory, 'state.sources'), archive.sources());
  writeFileSync(
    join(directory, 'state.yaml'),
    'ref: test/state\ninclude: ../../../test/trees/booted.yaml\nrepos: [state]\nmachine-repos: true\npackages: [aot-state]\n',
  );
  const args = [
    'compose',
    'tree',
    '--cachedir',
    CACHE,
    '--repo',
    join(directory, 'repo'),
    join(directory, 'state.yaml'),
  ];
  await run(program('apt-ostree'), args);
  const { stdout } = await run('ostree', ['rev-parse', `--repo=${join(directory, 'repo')}`, 'test/state']);
  const commit = stdout.trim();
  await run('ostree', ['pull-local', `--repo=${world.repo}`, join(directory, 'repo'), commit]);
  return commit;
}

test('layered and composed are the same', async () => {
  await world.done('install', 'aot-state');
  expect(await world.next('usr/etc/pam.d/common-session')).toMatch(/^session\s+optional\s+pam_permit\.so/m);
  const [layered = ''] = await world.deployed();
  const commit = await composed();
  await world.run(['ostree', 'pull-local', '--repo=/ostree/repo', '/run/upstream', commit]);
  const { stdout } = await world.run(['ostree', 'diff', '--repo=/ostree/repo', commit, layered]);
  const paths = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(5));
  expect(paths.filter((path) => ALLOWED[path] === undefined)).toEqual([]);
});
