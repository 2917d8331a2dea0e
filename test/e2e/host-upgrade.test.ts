import { beforeAll, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';

let world: BootedWorld;

beforeAll(async () => {
  world = await bootedWorld('host-upgrade');
});

const deployed = async () => (await world.status()).deployments.map((d) => d.checksum);

test('nothing newer: says so, and deploys nothing', async () => {
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0, stdout: 'No upgrade available.\n' });
  expect(await world.aptOstree(['upgrade', '--unchanged-exit-77'])).toMatchObject({
    exitCode: 77,
    stdout: 'No upgrade available.\n',
  });
  expect(await world.aptOstree(['upgrade', '--check'])).toMatchObject({
    exitCode: 77,
    stdout: 'No updates available.\n',
  });
  expect(await deployed()).toEqual([world.commit]);
});

describe('a newer commit', () => {
  let next: string;
  beforeAll(async () => {
    next = await world.nextCommit({
      version: '13.1',
      files: { 'usr/etc/motd': 'second\n', 'usr/etc/aot-new': 'new\n' },
      packages: (all) => [
        ...all.filter((p) => p.name !== 'htop').map((p) => (p.name === 'bash' ? { ...p, version: '99-1' } : p)),
        {
          name: 'aot-extra',
          version: '1.0-1',
          architecture: 'all',
          sourcePackage: 'aot-extra',
          sourceVersion: '1.0-1',
        },
      ],
    });
  });

  test('--check tells of it, fetches no files, and moves no ref', async () => {
    const { exitCode, stdout } = await world.aptOstree(['upgrade', '--check']);
    expect(stdout).toMatch(/^AvailableUpdate:\n {8}Version: 13\.1 \(\d{4}-.*Z\)\n {9}Commit: /);
    expect(stdout).toContain(`Commit: ${next}\n`);
    expect(stdout).toContain('Diff: 1 upgraded, 1 removed, 1 added\n');
    expect(exitCode).toBe(0);
    const { stdout: ref } = await world.run(['ostree', 'rev-parse', '--repo=/ostree/repo', world.refspec]);
    expect(ref.trim()).toBe(world.commit);
    expect(await deployed()).toEqual([world.commit]);
  });

  test('--preview lists the packages', async () => {
    const { stdout } = await world.aptOstree(['upgrade', '--preview']);
    expect(stdout).toMatch(/ {7}Upgraded: bash \S+ -> 99-1\n/);
    expect(stdout).toMatch(/ {8}Removed: htop_\S+_amd64\n/);
    expect(stdout).toContain('  Added: aot-extra_1.0-1_all\n');
  });

  test('--download-only fetches it and stages nothing; then --cache-only needs no remote', async () => {
    expect(await world.aptOstree(['upgrade', '--download-only'])).toMatchObject({
      exitCode: 0,
      stdout: 'Update downloaded.\n',
    });
    expect(await deployed()).toEqual([world.commit]);
  });

  test('is staged, with the difference of packages', async () => {
    const { exitCode, stdout, stderr } = await world.aptOstree(['upgrade', '--cache-only']);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(
      /^Upgraded:\n {2}bash \S+ -> 99-1\nRemoved:\n {2}htop_\S+_amd64\nAdded:\n {2}aot-extra_1\.0-1_all\nRun "systemctl reboot" to start a reboot\n$/,
    );
    const { deployments } = await world.status();
    expect(deployments).toMatchObject([
      { checksum: next, staged: true, origin: { refspec: world.refspec }, kernelArguments: expect.any(Array) },
      { checksum: world.commit, booted: true },
    ]);
    expect(deployments[0]?.kernelArguments).toEqual(deployments[1]?.kernelArguments);
    expect(await world.aptOstree(['upgrade', '--unchanged-exit-77'])).toMatchObject({ exitCode: 77 });
  });

  test('a staged deployment is in the way of a rollback until it is cleaned up', async () => {
    const { exitCode, stderr } = await world.aptOstree(['rollback']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Staged deployment (remove with cleanup -p)');
    expect(await world.aptOstree(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
    expect(await deployed()).toEqual([world.commit]);
    expect(await world.aptOstree(['cleanup', '-p'])).toMatchObject({ stdout: 'Deployments unchanged.\n' });
    expect(await world.aptOstree(['update'])).toMatchObject({ exitCode: 0 });
  });

  test('after a reboot it runs, and a rollback and another reboot bring the old one back', async () => {
    await world.reboot();
    expect(await world.status()).toMatchObject({ booted: { checksum: next } });
    const { exitCode, stdout } = await world.aptOstree(['rollback']);
    expect(stdout).toContain(`Moving '${world.commit}.0' to be first deployment\n`);
    expect(stdout).toContain('Downgraded:\n  bash 99-1 -> ');
    expect(exitCode).toBe(0);
    expect(await deployed()).toEqual([world.commit, next]);
    await world.reboot();
    expect(await world.status()).toMatchObject({ booted: { checksum: world.commit } });
    expect(await world.aptOstree(['rollback'])).toMatchObject({ exitCode: 0 });
    await world.reboot();
    expect(await world.status()).toMatchObject({ booted: { checksum: next } });
  });
});

test('an older commit is refused, unless it is asked for; nothing is deployed', async () => {
  const before = await deployed();
  const old = await world.nextCommit({ timestamp: 1_000_000_000, version: '0.1', files: { 'usr/share/aot-old': 'x' } });
  const { exitCode, stderr } = await world.aptOstree(['upgrade']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`'${old}' of 2001-09-09T01:46:40Z: it is chronologically older`);
  expect(await deployed()).toEqual(before);
  expect(await world.aptOstree(['upgrade', '--allow-downgrade'])).toMatchObject({ exitCode: 0 });
  expect((await deployed())[0]).toBe(old);
  expect(await world.aptOstree(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
});

describe('a locked deployment', () => {
  test('is unlocked only for the commit that is expected', async () => {
    const next = await world.nextCommit({
      timestamp: 4_000_000_000,
      version: '14',
      files: { 'usr/share/aot-locked': 'x' },
    });
    expect(await world.aptOstree(['upgrade', '--lock-finalization'])).toMatchObject({ exitCode: 0 });
    expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, finalizationLocked: true });
    const wrong = await world.aptOstree(['finalize-deployment', 'a'.repeat(64)]);
    expect(wrong).toMatchObject({ exitCode: 1 });
    expect(wrong.stderr).toContain(`Expected staged base checksum ${'a'.repeat(64)}, but found ${next}`);
    const none = await world.aptOstree(['finalize-deployment']);
    expect(none.stderr).toContain('Must provide expected CHECKSUM or --allow-missing-checksum');
    expect((await world.status()).deployments[0]).toMatchObject({ finalizationLocked: true });
    expect(await world.aptOstree(['finalize-deployment', next])).toMatchObject({ exitCode: 0 });
    expect((await world.status()).deployments[0]).toMatchObject({ finalizationLocked: false });
    expect((await world.aptOstree(['finalize-deployment', next])).stderr).toContain(
      'Staged deployment already unlocked',
    );
    await world.reboot();
    expect(await world.status()).toMatchObject({ booted: { checksum: next } });
    expect((await world.aptOstree(['finalize-deployment', next])).stderr).toContain(
      'No pending staged deployment found',
    );
  });
});

test('where libostree keeps /sysroot read-only, and it stays so for others', async () => {
  const next = await world.nextCommit({ timestamp: 4_100_000_000, files: { 'usr/share/aot-read-only': 'x' } });
  const script = `
    mount -o remount,bind,ro /sysroot
    T=/run/checkout/node_modules/.bin/apt-ostree
    $T upgrade && $T kargs --append=x && ! touch /sysroot/x`;
  const { stderr } = await world.run(['sh', '-c', script]);
  expect(stderr).toContain('Read-only file system');
  expect((await world.status()).deployments[0]).toMatchObject({ checksum: next, staged: true });
  expect(await world.aptOstree(['cleanup', '-p'])).toMatchObject({ exitCode: 0 });
});

test('what cannot be, or is not there yet, is refused before anything happens', async () => {
  const before = await deployed();
  const refused = async (...words: string[]) => {
    const { exitCode, stderr } = await world.aptOstree(words);
    expect(exitCode, words.join(' ')).toBe(1);
    return stderr;
  };
  expect(await refused('upgrade', '--install', 'htop')).toContain('cannot find an archive');
  expect(await refused('upgrade', '--reboot', '--check')).toContain("cannot specify both '--reboot' and '--check'");
  expect(await refused('upgrade', '--preview', '--install=x')).toContain('cannot specify both');
  expect(await refused('upgrade', '--cache-only', '--download-only')).toContain('cannot specify both');
  expect(await refused('upgrade', '--os', 'nothing')).toContain("cannot find the stateroot 'nothing'");
  expect(await refused('upgrade', '--sysroot', '/etc')).toContain("cannot use '/etc': it is no sysroot");
  expect(await refused('cleanup')).toContain('At least one cleanup option must be specified');
  expect(await refused('deploy', 'x', '--register-driver', 'y')).toContain("cannot register 'y' as the update driver");
  expect(await deployed()).toEqual(before);
});

test('nobody is at work: nothing to cancel; and no daemon to reload', async () => {
  expect(await world.aptOstree(['cancel'])).toMatchObject({ exitCode: 0, stdout: 'No active transaction.\n' });
  const { exitCode, stdout } = await world.aptOstree(['reload']);
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('No daemon to reload') });
});
