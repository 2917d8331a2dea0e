import { TRANSACTION_MESSAGE_ID } from '@apt-ostree/host';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADDED } from './lab/accounts.ts';
import type { Machine } from './lab/machine.ts';
import { REF, type VmWorld, vmWorld } from './lab/world.ts';

// One machine from its first boot to its last: each test goes on where the one before it ended.
let world: VmWorld;
let machine: Machine;
beforeAll(async () => {
  world = await vmWorld();
  machine = world.machine;
});
afterAll(async () => {
  if (failed !== undefined) process.stderr.write(machine?.console ?? '');
  await machine?.close();
  await world?.server.close();
});

/** A step that failed leaves the machine where the next cannot go on. */
let failed: string | undefined;
beforeEach(({ task, onTestFailed }) => {
  if (failed !== undefined) throw new Error(`not reached: '${failed}' has failed`);
  onTestFailed(() => {
    failed = task.name;
  });
});

const VERSION = 'cat /usr/share/lab-version';

/** What every boot owes: the whole system is up, nothing has failed, and /usr cannot be written. */
async function healthy(): Promise<void> {
  const state = 'systemctl is-system-running --wait; systemctl --failed --plain --no-legend --no-pager';
  expect((await machine.attempt(state)).output).toBe('running\n');
  expect((await machine.attempt('touch /usr/share/new')).output).toContain('Read-only file system');
}

interface Deployment {
  checksum: string;
  'base-checksum'?: string;
  'requested-packages': string[];
  'base-local-replacements': unknown[];
  booted: boolean;
  staged: boolean;
  pinned: boolean;
  version: string;
}

/** Deployments in their order, as apt-ostree shows them, with what is layered and replaced. */
async function deployments(): Promise<string[]> {
  const { deployments } = JSON.parse(await machine.sh('apt-ostree status --json')) as { deployments: Deployment[] };
  const sums = [world.first, world.second];
  return deployments.map(({ checksum, version, ...is }) => {
    const name = ['first', 'second'][sums.indexOf(is['base-checksum'] ?? checksum)];
    const more = is['requested-packages'].sort().map((layered) => `+${layered}`);
    const replaced = is['base-local-replacements'].map(() => '+override');
    return [name, version, ...more, ...replaced, ...WORDS.filter((word) => is[word])].join(' ');
  });
}
const WORDS = ['booted', 'staged', 'pinned'] as const;

/** What somebody does to a machine, and what must be there as long as it lives. */
const EDIT = `set -e
echo local > /etc/lab/both
echo local > /etc/lab/added
echo state > /var/lib/lab-state
useradd --create-home alice
useradd --create-home bob
sync`;
const EDITED = 'cat /etc/lab/both /etc/lab/added /var/lib/lab-state';

const ONLINE = 'until grep -q 10.0.2.15 /proc/net/fib_trie; do sleep 0.2; done';

/** Alice may install packages, and nothing else; bob may not. */
const RULE = `polkit.addRule(function (action, subject) {
  if (action.id === 'org.aptostree1.install-uninstall-packages' && subject.user === 'alice') return polkit.Result.YES;
});
`;
/** The guest reaches no archive but that of the tests. */
const SOURCES = '/etc/apt/sources.list.d/debian.sources';
const DAEMON = '[Daemon]\nAutomaticUpdatePolicy=stage\nIdleExitTimeout=0\n';

/** The timer elapses now, not in an hour. */
const NOW = '[Timer]\nOnActiveSec=1\nAccuracySec=1\n';
const TIMER = `set -e
systemctl daemon-reload
systemctl start apt-ostreed-automatic.timer
until systemctl show -P InactiveEnterTimestampMonotonic apt-ostreed-automatic.service | grep -qv '^0$'; do sleep 0.5; done
systemctl show -P Result apt-ostreed-automatic.service`;

const as = (user: string, command: string): string => `runuser -u ${user} -- ${command}`;

/** It would be started by who calls it, but the bus does not wait for as long as that takes on a busy host. */
const startDaemon = () => machine.sh('systemctl start apt-ostreed');

const write = (path: string, text: string) =>
  machine.sh(`mkdir -p "$(dirname ${path})"; base64 -d > ${path} <<< ${Buffer.from(text).toString('base64')}; sync`);

/** Whose the layered service's file is, and who it was each time it started. */
const STARTS = 'stat -c "%U %u" /var/lib/lab-daemon/starts; cat /var/lib/lab-daemon/starts';
let number: number;
const LAYERED = '+lab-daemon +lab-tool';

/** A transaction that goes on behind; a line comes when the first of the new deployment's files is there, or why it ended. */
const INSTALL_BEHIND = `${as('alice', 'apt-ostree install lab-tool')} > /run/lab-install 2>&1 &
shopt -s nullglob
until found=(/sysroot/ostree/deploy/debian/deploy/*/) && ((\${#found[@]} > 1)); do
  sleep 0.05
  kill -0 $! 2> /dev/null || { cat /run/lab-install; exit 1; }
done
echo @@CHECKOUT`;

/** Finalising is done on the way down; a line comes when the second kernel's directory is there. */
const REBOOT_BEHIND = `(shopt -s nullglob
until found=(/boot/ostree/*/) && ((\${#found[@]} > 1)); do sleep 0.05; done
echo @@KERNEL) &
systemctl reboot`;

describe('the first version', () => {
  test('boots through UEFI and GRUB', async () => {
    await machine.boot({ firmware: 'uefi' });
    await healthy();
    expect(await deployments()).toEqual(['first 1.A booted']);
    expect(await machine.sh(VERSION)).toBe('first\n');
    expect(await machine.sh('test -d /sys/firmware/efi; hostname')).toBe('lab\n');
  });

  test('goes on without composefs, which its libostree has not and its configuration does not insist on', async () => {
    expect(await machine.sh('cat /usr/lib/ostree/prepare-root.conf')).toContain('[composefs]\nenabled = maybe\n');
    expect(await machine.sh('findmnt --noheadings --output FSTYPE /')).toBe('ext4\n');
  });

  test("has the package manager's view of itself, and its manuals", async () => {
    expect(await machine.sh("dpkg -l systemd | grep -c '^ii'; dpkg --audit")).toBe('1\n');
    expect(await machine.sh('apt list --installed 2> /dev/null | grep ^ostree/')).toMatch(/ostree\S* .*\[installed/);
    expect(await machine.sh('man -P cat ostree | head -n 3')).toContain('OSTREE(1)');
    expect(await machine.sh('ldconfig -p | grep -c libostree-1.so.1')).toBe('1\n');
  });

  test('has the archives that it was built from', async () => {
    expect(await machine.sh('ls /etc/apt/sources.list.d')).toBe('debian.sources\n');
    expect(await machine.sh(`cat ${SOURCES}`)).toMatch(/^Suites: trixie\n(.*\n)*Signed-By: \/usr\/share\/keyrings\//m);
  });

  test('has users, an archive and a remote', async () => {
    await machine.sh(EDIT);
    await write('/etc/polkit-1/rules.d/10-lab.rules', RULE);
    await write('/etc/apt-ostreed.conf', DAEMON);
    await write('/etc/systemd/system/apt-ostreed-automatic.timer.d/lab.conf', NOW);
    await write(SOURCES, world.sources);
    await machine.sh(`${ONLINE}; ostree remote add --no-gpg-verify --no-sign-verify lab ${world.url} ${REF}; sync`);
  });

  test('lets nobody install who is not allowed to', async () => {
    await startDaemon();
    const { code, output } = await machine.attempt(as('bob', 'apt-ostree install lab-tool'));
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringContaining('is not allowed for this user'),
    });
  });
});

describe('the power is cut', () => {
  test('in the middle of a transaction of the daemon, while a deployment is staged: the first boots', async () => {
    machine.send(INSTALL_BEHIND);
    await machine.said('@@CHECKOUT');
    await machine.cut();
    await machine.boot({ firmware: 'uefi' });
    await intact();
    expect(await deployments()).toEqual(['first 1.A booted']);
  });

  test('but not while a service is layered, which runs at once and writes to /var', async () => {
    await startDaemon();
    await machine.sh(`${ONLINE}; apt-ostree install --apply-live lab-daemon && systemctl start lab-daemon`);
    number = Number(await machine.sh('id -u lab-daemon'));
    expect(await machine.sh(STARTS)).toBe(`lab-daemon ${number}\n${number}\n`);
    await world.publishSecond(number);
  });

  test('nor while the timer stages the second', async () => {
    expect(await machine.sh(`${ONLINE}; ${TIMER}`)).toBe('success\n');
    expect(await deployments()).toEqual(['second 2.B +lab-daemon staged', 'first 1.A booted']);
  });

  test('nor while a user who is allowed to adds a package, and root a kernel argument', async () => {
    const added = 'Added:\n  lab-daemon_1.0-1_all\n  lab-tool_1.0-1_all\n'; // against what runs
    expect(await machine.sh(as('alice', 'apt-ostree install lab-tool'))).toContain(added);
    await machine.sh('apt-ostree kargs --append=lab.second=1');
    expect(await deployments()).toEqual([`second 2.B ${LAYERED} staged`, 'first 1.A booted']);
  });

  test('and the journal tells who did what', async () => {
    const lines = await machine.sh(`journalctl -b -o json MESSAGE_ID=${TRANSACTION_MESSAGE_ID}`);
    const entries = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    const alice = (await machine.sh('id -u alice')).trim();
    expect(entries.map((entry) => [entry['AGENT_UID'], entry['COMMAND_LINE']])).toEqual([
      ['0', 'apt-ostree install --apply-live lab-daemon'],
      ['0', 'automatic (stage)'],
      [alice, 'apt-ostree install lab-tool'],
      ['0', 'apt-ostree kargs --append=lab.second=1'],
    ]);
    const [before, after] = ['OSTREE_CHECKSUM_BEFORE', 'OSTREE_CHECKSUM'].map((key) => entries.map((e) => e[key]));
    expect(before).toEqual([world.first, ...(after ?? []).slice(0, -1)]);
  });

  test('while the second is made the default: one of both boots', async () => {
    await machine.save();
    machine.send(REBOOT_BEHIND);
    await machine.said('@@KERNEL');
    await machine.cut();
    await machine.boot({ firmware: 'uefi' });
    await intact();
    expect([['first 1.A booted'], [`second 2.B ${LAYERED} booted`, 'first 1.A']]).toContainEqual(await deployments());
  });
});

async function intact(): Promise<void> {
  await healthy();
  expect(await machine.sh(EDITED)).toBe('local\nlocal\nstate\n');
  expect(await machine.sh('ostree fsck --quiet && echo clean')).toContain('clean');
}

describe('the second version', () => {
  test('runs after a reboot, with its package and its kernel argument', async () => {
    await machine.restore();
    await machine.reboot();
    await healthy();
    expect(await deployments()).toEqual([`second 2.B ${LAYERED} booted`, 'first 1.A']);
    expect(await machine.sh('lab-tool')).toBe('layered\n');
    expect(await machine.sh(VERSION)).toBe('second\n');
    expect(await machine.sh('cat /proc/cmdline')).toContain(' lab.second=1 ');
  });

  test('has two system users more; the layered service, whose number one of them had, runs and owns its files', async () => {
    expect(await machine.sh('systemctl is-active lab-daemon')).toBe('active\n');
    expect(await machine.sh(STARTS)).toBe(`lab-daemon ${number}\n${number}\n${number}\n`);
    const ids = (await machine.sh(`id -u ${ADDED[0]}; id -u ${ADDED[1]}`)).trim().split('\n').map(Number);
    expect(new Set([number, ...ids]).size).toBe(3);
  });

  test("has the machine's edits in /etc, the vendor's elsewhere, and /var", async () => {
    expect(await machine.sh(EDITED)).toBe('local\nlocal\nstate\n');
    expect(await machine.sh('cat /etc/lab/vendor')).toBe('second\n');
  });

  test('gets a package while it runs, seen by all, also when the mounts of the daemon are where it is applied', async () => {
    await startDaemon();
    const inDaemon = 'nsenter --mount --target "$(systemctl show -P MainPID apt-ostreed)" -- env APT_OSTREE_DIRECT=1';
    await machine.sh(`${ONLINE}; ${inDaemon} apt-ostree install --apply-live lab-live`);
    expect(await machine.sh(as('alice', 'lab-live'))).toBe('live\n');
    expect(await machine.sh('systemctl start lab-live; systemctl is-active lab-live')).toBe('active\n');
    expect(await deployments()).toEqual([
      'second 2.B +lab-daemon +lab-live +lab-tool staged',
      `second 2.B ${LAYERED} booted`,
      'first 1.A',
    ]);
    expect(await machine.sh('systemctl stop apt-ostreed; systemctl show -P ActiveState apt-ostreed')).toBe(
      'inactive\n',
    );
  });

  test('loses it again, when a session with mounts of its own asks for it', async () => {
    const shut = 'unshare --mount --propagation private --';
    await machine.sh(`${shut} apt-ostree apply-live --reset`);
    expect((await machine.attempt(as('alice', 'lab-live'))).code).not.toBe(0);
    expect(await machine.sh('command -v lab-live || echo gone')).toBe('gone\n');
    expect(await machine.sh('lab-tool')).toBe('layered\n');
  });

  test('is as it came after a reset', async () => {
    await machine.sh('apt-ostree reset');
    expect(await deployments()).toEqual(['second 2.B staged', `second 2.B ${LAYERED} booted`, 'first 1.A']);
    await machine.sh('apt-ostree cleanup --pending');
  });

  test('gives way to the first, and stays because it is pinned', async () => {
    await machine.sh('ostree admin pin 0; apt-ostree rollback');
    await machine.reboot();
    await healthy();
    expect(await machine.sh(VERSION)).toBe('first\n');
    expect(await machine.sh('cat /etc/lab/vendor; cat /proc/cmdline')).not.toMatch(/second/);
    expect(await machine.sh(EDITED)).toBe('local\nlocal\nstate\n');
    await machine.sh('apt-ostree cleanup --base --pending --rollback');
    expect(await deployments()).toEqual(['first 1.A booted', `second 2.B ${LAYERED} pinned`]);
  });
});

test('the same disk boots through BIOS', async () => {
  await machine.sh('sync');
  await machine.cut();
  await machine.boot({ firmware: 'bios' });
  await intact();
  expect(await machine.attempt('test -d /sys/firmware/efi')).toMatchObject({ code: 1 });
  expect(await deployments()).toEqual(['first 1.A booted', `second 2.B ${LAYERED} pinned`]);
});

describe('a disk with /boot apart', () => {
  beforeAll(async () => {
    await machine.close();
    machine = await world.another('--separate-boot');
  });

  test('boots', async () => {
    await machine.boot({ firmware: 'uefi' });
    await healthy();
    expect(await deployments()).toEqual(['first 1.A booted']);
    expect(await machine.sh('findmnt --noheadings --output FSTYPE /boot')).toBe('ext4\n');
  });

  test('boots what libostree writes to it, with a package of the base replaced', async () => {
    await write(SOURCES, world.sources);
    await machine.sh(`${ONLINE}; apt-ostree override replace ${world.deb('htop')}`);
    await machine.sh('apt-ostree kargs --append=lab.apart=1');
    await machine.reboot();
    await healthy();
    expect(await machine.sh('cat /proc/cmdline')).toContain(' lab.apart=1');
    expect(await deployments()).toEqual(['first 1.A +override booted', 'first 1.A']);
    expect(await machine.sh('htop')).toBe('overridden\n');
  });

  test('has the package of the base again when the replacement is reset', async () => {
    await machine.sh('apt-ostree override reset htop');
    expect(await deployments()).toEqual(['first 1.A staged', 'first 1.A +override booted', 'first 1.A']);
  });
});
