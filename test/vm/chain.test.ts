import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
  booted: boolean;
  staged: boolean;
  pinned: boolean;
  version: string;
}

/** Deployments in their order, as apt-ostree shows them. */
async function deployments(): Promise<string[]> {
  const { deployments } = JSON.parse(await machine.sh('apt-ostree status --json')) as { deployments: Deployment[] };
  const sums = [world.first, world.second];
  return deployments.map(({ checksum, version, ...is }) =>
    [['first', 'second'][sums.indexOf(checksum)], version, ...WORDS.filter((word) => is[word])].join(' '),
  );
}
const WORDS = ['booted', 'staged', 'pinned'] as const;

/** What somebody does to a machine, and what must be there as long as it lives. */
const EDIT = `set -e
echo local > /etc/lab/both
echo local > /etc/lab/added
echo state > /var/lib/lab-state
sync`;
const EDITED = 'cat /etc/lab/both /etc/lab/added /var/lib/lab-state';

const ONLINE = 'until grep -q 10.0.2.15 /proc/net/fib_trie; do sleep 0.2; done';

/** Staging as it goes on behind; a line comes when the first of the new deployment's files is there. */
const STAGE_BEHIND = `apt-ostree upgrade > /dev/null 2>&1 &
shopt -s nullglob
until found=(/sysroot/ostree/deploy/debian/deploy/*/) && ((\${#found[@]} > 1)); do sleep 0.05; done
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

  test("has the package manager's view of itself, and its manuals", async () => {
    expect(await machine.sh("dpkg -l systemd | grep -c '^ii'; dpkg --audit")).toBe('1\n');
    expect(await machine.sh('apt list --installed 2> /dev/null | grep ^ostree/')).toMatch(/ostree\S* .*\[installed/);
    expect(await machine.sh('man -P cat ostree | head -n 3')).toContain('OSTREE(1)');
    expect(await machine.sh('ldconfig -p | grep -c libostree-1.so.1')).toBe('1\n');
  });

  test('pulls the second from a server', async () => {
    await machine.sh(EDIT);
    await machine.sh(`${ONLINE}; ostree remote add --no-gpg-verify --no-sign-verify lab ${world.url} ${REF}`);
    await machine.sh(`ostree pull lab:${REF}; sync`);
    expect(await machine.sh(`ostree rev-parse lab:${REF}`)).toBe(`${world.second}\n`);
  });
});

describe('the power is cut', () => {
  test('while the second is staged: the first boots', async () => {
    machine.send(STAGE_BEHIND);
    await machine.said('@@CHECKOUT');
    await machine.cut();
    await machine.boot({ firmware: 'uefi' });
    await intact();
    expect(await deployments()).toEqual(['first 1.A booted']);
  });

  test('while the second is made the default: one of both boots', async () => {
    await machine.sh('apt-ostree upgrade');
    await machine.sh('apt-ostree kargs --append=lab.second=1');
    expect(await deployments()).toEqual(['second 2.B staged', 'first 1.A booted']);
    await machine.save();
    machine.send(REBOOT_BEHIND);
    await machine.said('@@KERNEL');
    await machine.cut();
    await machine.boot({ firmware: 'uefi' });
    await intact();
    expect([['first 1.A booted'], ['second 2.B booted', 'first 1.A']]).toContainEqual(await deployments());
  });
});

async function intact(): Promise<void> {
  await healthy();
  expect(await machine.sh(EDITED)).toBe('local\nlocal\nstate\n');
  expect(await machine.sh('ostree fsck --quiet && echo clean')).toContain('clean');
}

describe('the second version', () => {
  test('runs after a reboot, with its kernel argument', async () => {
    await machine.restore();
    await machine.reboot();
    await healthy();
    expect(await deployments()).toEqual(['second 2.B booted', 'first 1.A']);
    expect(await machine.sh(VERSION)).toBe('second\n');
    expect(await machine.sh('cat /proc/cmdline')).toContain(' lab.second=1 ');
  });

  test("has the machine's edits in /etc, the vendor's elsewhere, and /var", async () => {
    expect(await machine.sh(EDITED)).toBe('local\nlocal\nstate\n');
    expect(await machine.sh('cat /etc/lab/vendor')).toBe('second\n');
  });

  test('gives way to the first, and stays because it is pinned', async () => {
    await machine.sh('ostree admin pin 0; apt-ostree rollback');
    await machine.reboot();
    await healthy();
    expect(await machine.sh(VERSION)).toBe('first\n');
    expect(await machine.sh('cat /etc/lab/vendor; cat /proc/cmdline')).not.toMatch(/second/);
    expect(await machine.sh(EDITED)).toBe('local\nlocal\nstate\n');
    await machine.sh('apt-ostree cleanup --base --pending --rollback');
    expect(await deployments()).toEqual(['first 1.A booted', 'second 2.B pinned']);
  });
});

test('the same disk boots through BIOS', async () => {
  await machine.sh('sync');
  await machine.cut();
  await machine.boot({ firmware: 'bios' });
  await intact();
  expect(await machine.attempt('test -d /sys/firmware/efi')).toMatchObject({ code: 1 });
  expect(await deployments()).toEqual(['first 1.A booted', 'second 2.B pinned']);
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

  test('boots what libostree writes to it', async () => {
    await machine.sh('apt-ostree kargs --append=lab.apart=1');
    await machine.reboot();
    await healthy();
    expect(await machine.sh('cat /proc/cmdline')).toContain(' lab.apart=1');
    expect(await deployments()).toEqual(['first 1.A booted', 'first 1.A']);
  });
});
