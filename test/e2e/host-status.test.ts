import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { run } from '@apt-ostree/run';
import { temporary } from '@apt-ostree/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';

let world: BootedWorld;
let next: string;

beforeAll(async () => {
  world = await bootedWorld('host-status');
});

const output = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await world.aptOstree(args);
  if (exitCode !== 0) throw new Error(`apt-ostree ${args.join(' ')}: ${exitCode}: ${stderr}`);
  return stdout;
};

test('a single deployment: booted, nothing waits', async () => {
  const document = JSON.parse(await output('status', '--json'));
  expect(document).toMatchObject({ transaction: null, 'cached-update': null, 'update-driver': null });
  expect(document.deployments).toHaveLength(1);
  expect(document.deployments[0]).toMatchObject({
    osname: 'debian',
    checksum: world.commit,
    booted: true,
    staged: false,
    origin: world.refspec,
    'gpg-enabled': false,
  });
  expect(await output('status', '-b')).toContain(`BootedDeployment:\n● ${world.refspec}\n`);
  expect((await world.aptOstree(['status', '--pending-exit-77'])).exitCode).toBe(0);
  expect((await world.aptOstree(['db', 'diff'])).stderr).toContain('no pending or rollback deployment to diff against');
});

test('etc-diff names what was changed here', async () => {
  world.write('/etc/local', 'mine\n');
  world.write('/etc/issue', 'mine too\n');
  const { stdout } = await world.run(['ostree', 'admin', 'config-diff']);
  const theirs = [...stdout.matchAll(/^([AMD]) +(\S+)$/gm)].map(([, letter, path]) => `${letter} /etc/${path}`);
  const ours = (await output('ex', 'etc-diff')).trim().split('\n');
  expect(ours).toEqual(expect.arrayContaining(['A /etc/local', 'M /etc/issue']));
  expect([...ours].sort()).toEqual(theirs.sort());
  expect(JSON.parse(await output('ex', 'etc-diff', '--json')).added).toContain('/etc/local');
});

test('a staged deployment: compared with the booted one, by status and db diff', async () => {
  next = await world.nextCommit({
    files: { 'usr/etc/issue': 'theirs\n', 'usr/etc/aot-directory/file': 'x\n' },
    version: '99.1',
    packages: (all) =>
      all.flatMap((p) => (p.name === 'htop' ? [] : p.name === 'bash' ? [{ ...p, version: `${p.version}.1` }] : [p])),
  });
  await world.run(['ostree', 'admin', 'upgrade', '--stage']);
  const text = await output('status');
  expect(text).toMatch(
    new RegExp(
      `^ {2}${world.refspec}\n +Version: 99.1 \\(.*\\)\n +Commit: ${next}\n +Diff: 1 upgraded, 1 removed\n`,
      'm',
    ),
  );
  expect(text).toContain(`● ${world.refspec}`);
  const verbose = await output('status', '-v');
  expect(verbose).toMatch(/^ +Upgraded: bash (\S+) -> \1\.1$/m);
  expect(verbose).toMatch(/^ +Removed: htop_\S+$/m);
  expect(verbose).toMatch(/^ +EtcConflicts: \/etc\/issue$/m);
  expect(verbose).toMatch(/^ +Staged: yes$/m);
  expect((await world.aptOstree(['status', '--pending-exit-77'])).exitCode).toBe(77);
  const [selected] = JSON.parse(await output('status', '-J', '$["cached-update"].checksum'));
  expect(selected).toBe(next);
  const booted = JSON.parse(await output('status', '--json', '--booted'));
  expect(booted.deployments).toMatchObject([{ checksum: world.commit, booted: true }]);
  expect(booted['cached-update']).toMatchObject({ checksum: next, 'ref-has-new-commit': true });

  const diff = await output('db', 'diff');
  expect(diff).toContain(`from: booted deployment (${world.commit})`);
  expect(diff).toContain(`to:   pending deployment (${next})`);
  expect(diff).toMatch(/Upgraded:\n {2}bash .*\nRemoved:\n {2}htop_/);
  expect(JSON.parse(await output('db', 'diff', '--format=json')).pkgdiff).toHaveLength(2);
  expect(await output('db', 'diff', '99.1')).toContain(`from: booted deployment (${world.commit})\n`);
  expect(await output('rpm', 'list', '99.1', 'bash')).toMatch(/^ostree commit: 99.1 \(.*\)\n(?: .*\n)* bash_/);
});

test('what will make the merge of /etc fail is named while it can be mended', async () => {
  world.write('/etc/aot-directory', 'a file\n');
  expect(await output('status', '-v')).toMatch(/^ +EtcRefused: \/etc\/aot-directory: \S/m);
  await world.run(['rm', '/etc/aot-directory']);
  expect(await output('status', '-v')).not.toContain('EtcRefused');
});

test('who changes the sysroot now is named', async () => {
  const lock = '/ostree/apt-ostree.lock';
  await world.run(['sh', '-c', `echo 'apt-ostree upgrade' > ${lock}`]);
  const held = (...words: string[]) =>
    world.run(['flock', lock, '/run/checkout/node_modules/.bin/apt-ostree', 'status', ...words]);
  expect((await held()).stdout).toMatch(/^State: busy\nTransaction: apt-ostree upgrade\nDeployments:/);
  await world.run(['sh', '-c', `echo 'apt-ostree upgrade (process 1)' > ${lock}`]);
  expect((await held()).stdout).toMatch(/^ {2}Initiator: client\(pid:1( unit:\S+)? uid:0\)$/m);
  await world.run(['sh', '-c', `echo 'apt-ostree upgrade' > ${lock}`]);
  expect(JSON.parse((await held('--json')).stdout).transaction).toContain('apt-ostree upgrade');
  expect(await output('status')).toMatch(/^State: idle\n/);
});

test('status needs no privilege', async () => {
  const argv = [
    'setpriv',
    '--reuid=1000',
    '--regid=1000',
    '--clear-groups',
    '--',
    '/run/checkout/node_modules/.bin/apt-ostree',
  ];
  const { stdout } = await world.run([...argv, 'status', '-v']);
  expect(stdout).toContain(`● ${world.refspec}`);
  expect(stdout).toMatch(/^ +EtcConflicts: \(only root can tell\)$/m);
});

test('what systemd and the journal tell of updates and of the last shutdown', async () => {
  world.write('/etc/apt-ostreed.conf', '[Daemon]\nAutomaticUpdatePolicy=stage\n');
  const units = ['apt-ostreed-automatic.timer', 'apt-ostreed-automatic.service', 'ostree-boot-complete.service'];
  const shown = units.map(
    (id, at) => `Id=${id}\nLoadState=loaded\nActiveState=${['active', 'inactive', 'failed'][at]}`,
  );
  world.write('/run/told/units', `${shown.join('\nInactiveEnterTimestampMonotonic=0\n\n')}\n`);
  world.write('/run/told/systemctl', '#!/bin/sh\necho "$@" > /run/told/asked\ncat /run/told/units\n');
  world.write('/run/told/journalctl', '#!/bin/sh\necho "error: the disk was full"\n');
  await world.run(['chmod', '+x', '/run/told/systemctl', '/run/told/journalctl']);
  const env = { PATH: '/run/told:/usr/sbin:/usr/bin:/sbin:/bin' };
  expect((await world.aptOstree(['status'], { env })).stdout).toContain(': unknown state\n'); // no systemd runs
  await world.run(['mkdir', '-p', '/run/systemd/system']);
  expect((await world.aptOstree(['status'], { env })).stdout).toMatch(
    /^State: idle\nAutomaticUpdates: stage; apt-ostreed-automatic\.timer: no runs since boot\nWarning: failed to finalize previous deployment\n {9}error: the disk was full\n {9}check `journalctl -b -1 -u ostree-finalize-staged\.service`\nDeployments:\n/,
  );
  expect(readFileSync(join(world.runtime, 'told/asked'), 'utf8')).toContain(units.join(' '));
  const upgrade = await world.aptOstree(['upgrade', '--cache-only']);
  expect(upgrade.stderr).toContain('note: automatic updates (stage) are enabled\n');
  await world.run(['rm', '-r', '/etc/apt-ostreed.conf', '/run/systemd/system']);
});

test('after the reboot db diff compares with what one could roll back to', async () => {
  await world.reboot();
  const diff = await output('db', 'diff');
  expect(diff).toContain(`from: rollback deployment (${world.commit})`);
  expect(diff).toContain(`to:   booted deployment (${next})`);
  expect((await world.aptOstree(['status', '--pending-exit-77'])).exitCode).toBe(0);
  expect(readFileSync(join(world.root(), 'etc/issue'), 'utf8')).toBe('mine too\n');
});

const home = join(temporary(), 'gpg');
const gpg = async (...args: string[]) => (await run('gpg', ['--homedir', home, '--batch', ...args])).stdout;

/** Tells the machine what is known of the key now. */
async function importKey(key: string): Promise<void> {
  await gpg('--yes', '--output', join(world.runtime, 'key.gpg'), '--export', key);
  await world.run(['ostree', 'remote', 'gpg-import', 'debian', '--keyring=/run/key.gpg']);
}

/** Signs a commit of the remote, on the machine that makes it. */
async function sign(commit: string): Promise<string> {
  mkdirSync(home, { mode: 0o700 });
  await gpg('--passphrase', '', '--quick-generate-key', 'Signer <s@example.org>', 'rsa2048');
  const key = /^fpr:+([0-9A-F]+):$/m.exec(await gpg('--with-colons', '--list-keys'))?.[1] ?? '';
  await run('ostree', ['gpg-sign', `--repo=${world.repo}`, `--gpg-homedir=${home}`, commit, key]);
  return key;
}

afterAll(() => run('gpgconf', ['--homedir', home, '--kill', 'all'], { ok: 'any' }));

test('signatures are verified with the keys of the remote', async () => {
  const key = await sign(next);
  await world.run(['ostree', 'config', '--repo=/ostree/repo', 'set', 'remote "debian".gpg-verify', 'true']);
  expect(await output('status', '-b')).toContain('GPGSignature: (unsigned)\n');
  await world.run(['ostree', 'config', '--repo=/ostree/repo', 'set', 'remote "debian".gpg-verify', 'false']);
  await world.run(['ostree', 'pull', 'debian', 'test/booted']);
  await world.run(['ostree', 'config', '--repo=/ostree/repo', 'set', 'remote "debian".gpg-verify', 'true']);
  expect(await output('status', '-b')).toContain(`GPGSignature: Can't check signature: public key ${key} not found\n`);
  await importKey(key);
  for (const round of ['verified', 'from the cache']) {
    expect(await output('status', '-b'), round).toContain(`GPGSignature: Valid signature by ${key}\n`);
  }
  expect(existsSync(join(world.runtime, 'apt-ostree/gpgcheck-cache/debian', next))).toBe(true);
  const [booted] = JSON.parse(await output('status', '--json', '-b')).deployments;
  expect(booted).toMatchObject({
    'gpg-enabled': true,
    signatures: [
      [
        true,
        false,
        false,
        false,
        false,
        key,
        expect.any(Number),
        0,
        'RSA',
        expect.any(String),
        'Signer',
        's@example.org',
        key,
      ],
    ],
  });
});

test('signatures that do not count say why', async () => {
  const [, key = ''] = /Valid signature by (\S+)/.exec(await output('status', '-b')) ?? [];
  const other = await world.nextCommit({ version: '99.2' });
  await run('ostree', ['gpg-sign', `--repo=${world.repo}`, `--gpg-homedir=${home}`, other, key]);
  const detached = (repo: string, commit: string) =>
    join(repo, 'objects', commit.slice(0, 2), `${commit.slice(2)}.commitmeta`);
  const here = detached(join(world.sysroot, 'ostree/repo'), next);
  const right = readFileSync(here);
  rmSync(here);
  writeFileSync(here, readFileSync(detached(world.repo, other)));
  expect(await output('status', '-b')).toMatch(/GPGSignature: Invalid signature by [0-9A-F]+\n/);
  writeFileSync(here, right);
  await gpg('--quick-set-expire', key, 'seconds=1');
  await importKey(key);
  await setTimeout(1500);
  expect(await output('status', '-b')).toContain(`GPGSignature: Invalid signature by ${key}: the key is expired\n`);
  await gpg('--quick-set-expire', key, '0'); // for gpgv(1) a key that expired is not also revoked
  const revocation = readFileSync(join(home, 'openpgp-revocs.d', `${key}.rev`), 'utf8');
  writeFileSync(join(home, 'revoked.asc'), revocation.replace(/^:-----BEGIN/m, '-----BEGIN'));
  await gpg('--import', join(home, 'revoked.asc'));
  await importKey(key);
  expect(await output('status', '-b')).toContain(`GPGSignature: Invalid signature by ${key}: the key was revoked\n`);
});

/** A journal daemon of our own, and entries as the initramfs and our commands write them. */
const JOURNAL = `mkdir -p /run/log/journal /var/log/journal
/usr/lib/systemd/systemd-journald & pid=$!
for i in $(seq 50); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
entry() { printf '%s\\n' "$@" | logger --journald; sleep 0.1; }
boot() { entry MESSAGE_ID=7170336a73ba4601bad31af888aa0df7 MESSAGE=boot DEPLOYMENT_PATH=$1; }
made() { entry MESSAGE_ID=789a1eba0b1b4f03b760d628f13c7ae9 MESSAGE=made DEPLOYMENT_PATH=$1 "COMMAND_LINE=$2" OSTREE_VERSION=$3; }
here=/ostree/deploy/debian/deploy/$1.0
gone=/ostree/deploy/debian/deploy/$(printf '%064d' 7).0
made $gone 'apt-ostree deploy 98' 98; boot $gone; made $here 'apt-ostree upgrade' 99.1; boot $here; boot $here; made $gone later 100
journalctl --sync
shift; "$@"; code=$?
kill $pid; wait $pid; exit $code`;

const withJournal = async (...args: string[]) =>
  world.run(['sh', '-c', JOURNAL, 'sh', next, '/run/checkout/node_modules/.bin/apt-ostree', ...args], { ok: 'any' });

test('history comes from the journal', async () => {
  const without = await world.aptOstree(['ex', 'history']);
  expect(without).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('cannot show the history: there is no journal'),
  });
  const { exitCode, stdout, stderr } = await withJournal('ex', 'history');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
  expect(stdout).toMatch(
    new RegExp(
      `^BootTimestamp: ${time}\nBootCount: 2; first booted on ${time}\nCreateTimestamp: ${time}\nCreateCommand: apt-ostree upgrade\n● ${world.refspec}\n +Version: 99.1 .*\n[^]*\n\nBootTimestamp: ${time}\nCreateTimestamp: ${time}\nCreateCommand: apt-ostree deploy 98\n  debian \\(removed\\)\n +Version: 98\n +Commit: 0*7\n$`,
    ),
  );
});

test('history as a stream of JSON objects', async () => {
  const { stdout } = await withJournal('ex', 'history', '--json', '-n', '1');
  expect(JSON.parse(stdout)).toMatchObject({
    deployment: { checksum: next, booted: true },
    'deployment-create-command-line': 'apt-ostree upgrade',
    'boot-count': 2,
  });
  expect((await world.aptOstree(['ex', 'history', '-n', '0'])).stderr).toContain("option '--limit' cannot be '0'");
});

test('history in full, and with a limit', async () => {
  const boots = (text: string) => text.match(/^BootTimestamp: /gm)?.length ?? 0;
  await withJournal('ex', 'history'); // each call has two entries of its own before it
  const full = (await withJournal('ex', 'history', '--verbose', '--all')).stdout;
  expect(boots(full)).toBeGreaterThan(3);
  expect(full).toMatch(/^● .* \(index: 0\)$/m);
  expect(full).toMatch(/^ +StateRoot: debian$/m);
  expect(boots((await withJournal('ex', 'history')).stdout)).toBe(3);
  expect(boots((await withJournal('ex', 'history', '--limit', '1')).stdout)).toBe(1);
});
