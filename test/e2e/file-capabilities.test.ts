import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';
import { ordinaryUser } from '../lib/user.ts';

/** cap_net_raw+ep as setcap(8) hands it to the kernel: version 2, see capabilities(7). */
const NET_RAW = '0100000200200000000000000000000000000000';

/**
 * Gives a program a capability when it is configured. Within a user namespace the kernel writes down whose root it is for
 * (version 3); it leaves that out again for who reads it in the same namespace.
 */
const PING: ArchivePackage = {
  name: 'ping',
  files: {
    '/usr/bin/ping': { content: '#!/bin/sh\n', mode: 0o755 },
    '/usr/bin/setfattr': { from: '/usr/bin/setfattr', mode: 0o755 },
  },
  scripts: { postinst: `setfattr --name=security.capability --value=0x${NET_RAW} /usr/bin/ping` },
};

let lab: ComposeLab;
let file: string;
beforeAll(async () => {
  lab = await ComposeLab.open();
  await lab.archive('net', { packages: [PING] });
  file = lab.treefile({ ref: 'ping', repos: ['base', 'net'], packages: ['ping'] });
});

const revision = async (repo: string) => (await run('ostree', ['rev-parse', `--repo=${repo}`, 'ping'])).stdout.trim();

/** The capability of a file in a commit, in hexadecimal digits. */
async function capability(repo: string): Promise<string> {
  const { stdout } = await run('ostree', ['ls', `--repo=${repo}`, '--xattrs', 'ping', '/usr/bin/ping']);
  const [, bytes = ''] = /b'security\.capability', \[([^\]]*)\]/.exec(stdout) ?? [];
  return [...bytes.matchAll(/0x([0-9a-f]{2})/g)].map(([, digits]) => digits).join('');
}

test('a capability that a script sets is in the commit, and an ordinary user makes the same one', async () => {
  const { code, stderr } = await lab.compose(file);
  expect(code, stderr).toBe(0);
  expect(await capability(lab.repo)).toBe(NET_RAW);

  const user = await ordinaryUser();
  onTestFinished(() => user.remove());
  await run('chmod', ['a+rx', lab.directory, dirname(lab.directory)]);
  const repo = join(user.home, 'repo');
  const args = ['compose', 'tree', '--quiet', '--repo', repo, '--cachedir', join(user.home, 'cache'), file];
  const [as, ...words] = [...user.prefix, process.execPath, user.program('apt-ostree'), ...args] as [
    string,
    ...string[],
  ];
  await run(as, words, { cwd: user.home, env: { HOME: user.home } });
  expect(await capability(repo)).toBe(NET_RAW);
  expect(await revision(repo)).toBe(await revision(lab.repo));
});
