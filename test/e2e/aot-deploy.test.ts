import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DeploymentManifest } from '@apt-ostree/manifest';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';
import { realTree } from '../lib/real-tree.ts';
import { snapshot } from '../lib/snapshot.ts';

const UPSTREAM = '/run/upstream';
const ARGUMENTS = ['root=LABEL=root', 'rw', 'console=ttyS0'];

/** Runs aot-deploy inside, to its end; without `code` it must succeed, and says what the sysroot is then. */
async function deploy(world: BootedWorld, args: string[], input?: string): Promise<DeploymentManifest> {
  const { exitCode, stdout, stderr } = await world.tool('aot-deploy', args, input === undefined ? {} : { input });
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The manifest that aot-commit writes, of a further commit of the remote's repository. */
async function manifest(commit: string, ref: string | null): Promise<string> {
  const tree = await realTree('test/trees/booted.yaml');
  return JSON.stringify({ ...tree.commit, repo: UPSTREAM, commit, ref });
}

/** All that decides what a machine boots, and what it then is. */
async function state(world: BootedWorld) {
  const deployed = join(world.sysroot, 'ostree/deploy/debian/deploy');
  const names = readdirSync(deployed).sort();
  const trees = ['boot', 'ostree/repo/refs'].map((part) => join(world.sysroot, part));
  trees.push(...names.filter((name) => !name.endsWith('.origin')).map((name) => join(deployed, name, 'etc')));
  const entries = await Promise.all(trees.map(async (tree) => Object.fromEntries(await snapshot(tree))));
  return { names, entries, deployments: (await world.status()).deployments };
}

/** Runs what must fail, and looks at everything before and after. */
async function refused(world: BootedWorld, code: number, argv: string[], input?: string): Promise<string> {
  const before = await state(world);
  const { exitCode, stdout, stderr } = await world.run(argv, { ok: 'any', ...(input === undefined ? {} : { input }) });
  expect({ exitCode, stdout, stderr: exitCode === code ? '' : stderr }).toEqual({
    exitCode: code,
    stdout: '',
    stderr: '',
  });
  expect(await state(world)).toEqual(before);
  return stderr;
}

const PROGRAM = '/run/checkout/node_modules/.bin/aot-deploy';
const kargsOf = async (world: BootedWorld) => (await world.status()).deployments.map((d) => d.kernelArguments);

describe('a new disk', () => {
  let world: BootedWorld;
  beforeAll(async () => {
    world = await bootedWorld('aot-deploy-disk');
  });

  test('becomes a sysroot; once more, nothing changes', async () => {
    const args = ['init', '--sysroot', '/var/disk', '--stateroot', 'server', '--bootloader', 'none', '--bootprefix'];
    expect(await deploy(world, args)).toMatchObject({
      changed: true,
      stateroot: 'server',
      commit: null,
      deployments: [],
    });
    expect(await deploy(world, args)).toMatchObject({ changed: false });
    const { stdout } = await world.run(['cat', '/var/disk/ostree/repo/config']);
    expect(stdout).toMatch(/\[sysroot\]\nreadonly=true\nbootloader=none\nbootprefix=true/);
  });

  test('gets the commit that a manifest names, and its ref', async () => {
    const args = ['--sysroot', '/var/disk', '--karg', 'root=LABEL=root', '--karg', 'rw'];
    const made = await deploy(world, args, await manifest(world.commit, 'test/booted'));
    expect(made).toMatchObject({ changed: true, stateroot: 'server', commit: world.commit, serial: 0, staged: false });
    const refs = await world.run(['ostree', 'rev-parse', '--repo=/var/disk/ostree/repo', 'test/booted']);
    expect(refs.stdout.trim()).toBe(world.commit);
    const entry = await world.run(['cat', '/var/disk/boot/loader/entries/ostree-1.conf']);
    expect(entry.stdout).toMatch(/^options root=LABEL=root rw ostree=/m);
    expect(entry.stdout).toMatch(/^linux \/boot\/ostree\/server-/m);
    const origin = await world.run(['sh', '-c', 'cat /var/disk/ostree/deploy/server/deploy/*.origin']);
    expect(origin.stdout).toBe('[origin]\nrefspec=test/booted\n');
    await world.run(['ostree', 'fsck', '--quiet', '--repo=/var/disk/ostree/repo']);
  });

  test('says that nothing is staged there, and refuses what needs a booted system', async () => {
    const args = ['--sysroot', '/var/disk', '--commit', world.commit];
    const { stderr } = await world.tool('aot-deploy', [...args, '--append-karg', 'quiet']);
    expect(stderr).toBe("'/var/disk' is not booted: the deployment is written at once, not staged\n");
    for (const option of ['--stage', '--lock-finalization']) {
      const { exitCode, stderr } = await world.tool('aot-deploy', [...args, option]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(`'${option}'`) });
    }
  });

  test('a second stateroot has to be named', async () => {
    await deploy(world, ['init', '--sysroot', '/var/disk', '--stateroot', 'desktop']);
    const { exitCode, stderr } = await world.tool('aot-deploy', ['--sysroot', '/var/disk', '--commit', world.commit]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining("'desktop', 'server'"),
    });
    const made = await deploy(world, ['-q', '--sysroot', '/var/disk', '--os', 'desktop', '--commit', world.commit]);
    expect(made.deployments.map((d) => d.stateroot)).toEqual(['desktop', 'server', 'server']);
  });
});

describe('a booted system', () => {
  let world: BootedWorld;
  let next: string;
  beforeAll(async () => {
    world = await bootedWorld('aot-deploy');
    next = await world.nextCommit({ files: { 'usr/etc/motd': 'second\n' }, version: '13.1' });
  });

  test('stages a commit; the reboot boots it, with /etc and arguments as they were', async () => {
    world.write('/etc/local', 'mine\n');
    const made = await deploy(world, [], await manifest(next, 'test/booted'));
    expect(made).toMatchObject({ changed: true, commit: next, staged: true });
    expect(made.deployments.map((d) => [d.commit, d.staged, d.booted])).toEqual([
      [next, true, false],
      [world.commit, false, true],
    ]);
    await world.reboot();
    const { booted } = await world.status();
    expect(booted).toMatchObject({ checksum: next, kernelArguments: ARGUMENTS, origin: { refspec: 'test/booted' } });
    expect((await world.run(['cat', '/etc/local', '/etc/motd'])).stdout).toBe('mine\nsecond\n');
  });

  test('kernel arguments: a staged deployment of the same commit, which the next one takes over', async () => {
    const made = await deploy(world, [
      'kargs',
      '--append',
      'quiet',
      '--replace',
      'console=ttyS0=tty0',
      '--append',
      'a="b c"',
    ]);
    expect(made).toMatchObject({ changed: true, commit: next, staged: true });
    const wanted = ['root=LABEL=root', 'rw', 'console=tty0', 'quiet', 'a="b c"'];
    expect((await kargsOf(world))[0]).toEqual(wanted);
    await deploy(world, ['kargs', '--delete-if-present', 'quiet', '--delete-if-present', 'nothing']);
    expect((await kargsOf(world))[0]).toEqual(wanted.filter((a) => a !== 'quiet'));
    await deploy(world, ['--commit', world.commit, '--refspec', 'debian:test/booted']);
    expect((await kargsOf(world))[0]).toEqual(wanted.filter((a) => a !== 'quiet'));
    await deploy(world, ['kargs', '--index', '1', '--append', 'debug']);
    expect((await kargsOf(world))[0]).toEqual([...ARGUMENTS, 'debug']);
    const { deployments } = await world.status();
    expect(deployments[0]).toMatchObject({ checksum: next, origin: { refspec: 'test/booted' } });
  });

  test('kernel arguments as they are already deploy nothing', async () => {
    const before = await state(world);
    expect(await deploy(world, ['kargs', '--append-if-missing', 'debug'])).toMatchObject({ changed: false });
    expect(await state(world)).toEqual(before);
  });

  test('none at all', async () => {
    const all = (await kargsOf(world))[0] as string[];
    await deploy(world, ['kargs', ...all.flatMap((a) => ['--delete', a])]);
    expect((await kargsOf(world))[0]).toEqual([]);
  });

  test('a staged deployment goes with cleanup --pending; a second time nothing is left to do', async () => {
    expect(await deploy(world, ['cleanup', '--pending'])).toMatchObject({ changed: true, commit: next, staged: false });
    expect(await deploy(world, ['cleanup', '--pending'])).toMatchObject({ changed: false });
    expect((await world.status()).deployments.map((d) => [d.checksum, d.booted])).toEqual([
      [next, true],
      [world.commit, false],
    ]);
  });

  test('rolls back, and back again; each takes effect at once', async () => {
    expect(await deploy(world, ['rollback'])).toMatchObject({ changed: true, commit: world.commit, staged: false });
    expect((await world.status()).deployments.map((d) => d.booted)).toEqual([false, true]);
    expect(await deploy(world, ['rollback'])).toMatchObject({ commit: next });
    expect((await world.status()).deployments.map((d) => d.booted)).toEqual([true, false]);
  });

  test('what is pinned stays until it is unpinned', async () => {
    expect(await deploy(world, ['pin', '1'])).toMatchObject({ changed: true, commit: world.commit });
    expect(await deploy(world, ['pin', '1'])).toMatchObject({ changed: false });
    expect(await deploy(world, ['cleanup', '--rollback'])).toMatchObject({ changed: false });
    expect(await deploy(world, ['unpin', '1'])).toMatchObject({ changed: true });
    expect((await deploy(world, ['cleanup', '--rollback'])).deployments).toHaveLength(1);
  });

  test('a locked one waits until it is released by the checksum of its base', async () => {
    const layered = await world.nextCommit({ metadata: { 'aptostree.base-commit': next } });
    expect(await deploy(world, ['--lock-finalization'], await manifest(layered, null))).toMatchObject({ staged: true });
    expect((await world.status()).deployments[0]).toMatchObject({
      finalizationLocked: true,
      origin: { refspec: layered },
    });
    const wrong = await refused(world, 1, [PROGRAM, 'finalize', layered]);
    expect(wrong).toContain(`expected staged base checksum '${layered}', but found '${next}'`);
    expect(await deploy(world, ['finalize', next])).toMatchObject({ changed: true, commit: layered, staged: true });
    expect((await world.status()).deployments[0]?.finalizationLocked).toBe(false);
    expect(await refused(world, 1, [PROGRAM, 'finalize', next])).toContain('already unlocked');
    expect(await deploy(world, ['finalize', next, '--allow-unlocked'])).toMatchObject({ changed: false });
    expect(await deploy(world, ['unlock-finalization'])).toMatchObject({ changed: false });
    await deploy(world, ['cleanup', '--pending']);
    for (const command of ['finalize', 'unlock-finalization'])
      expect(await refused(world, 1, [PROGRAM, command])).toContain('no pending staged deployment');
  });

  test('takes a commit that is said later, and the origin that is given, without what only the last deployment had', async () => {
    const origin = [
      '[origin]',
      'baserefspec=debian:test/booted',
      '[packages]',
      'requested=htop;',
      '[libostree-transient]',
      'pinned=true',
      '[other]',
      'key=value',
    ];
    world.write('/run/origin', `${origin.join('\n')}\n`);
    await deploy(world, ['--commit', '-', '--origin', '/run/origin'], `${next}\n`);
    expect((await world.status()).deployments[0]).toMatchObject({
      pinned: false,
      origin: {
        refspec: 'debian:test/booted',
        packages: { requested: ['htop'] },
        rest: { other: { key: 'value' } },
      },
    });
  });

  test('--retain and --not-as-default write at once', async () => {
    await deploy(world, ['cleanup', '--pending']);
    await deploy(world, ['--commit', next, '--retain']);
    const made = await deploy(world, ['--commit', next, '--not-as-default']);
    expect(made.staged).toBe(false);
    expect(made.deployments.at(-1)).toMatchObject({ serial: made.serial, commit: next });
  });
});

describe('what cannot be done changes nothing', () => {
  let world: BootedWorld;
  beforeAll(async () => {
    world = await bootedWorld('aot-deploy-refused');
  });

  const REFUSALS: [string, number, string[], string][] = [
    ['a commit that is not there', 66, ['--commit', 'a'.repeat(64)], 'cannot find the commit'],
    ['a commit that nobody says', 66, ['--commit', '-'], 'cannot read a checksum from standard input: it is empty'],
    ['an abbreviated commit', 64, ['--commit', 'abc'], 'it is no checksum'],
    ['a stateroot that is not there', 66, ['--commit', '@', '--os', 'fedora'], "cannot find the stateroot 'fedora'"],
    ['an argument with a space', 64, ['--commit', '@', '--append-karg', 'a b'], 'it has a space'],
    [
      'an argument to delete that is not there',
      1,
      ['--commit', '@', '--delete-karg', 'splash'],
      "no key 'splash' found",
    ],
    ['an origin that is not there', 66, ['--commit', '@', '--origin', '/run/none'], "'/run/none'"],
    ['an origin without a base', 65, ['--commit', '@', '--origin', '/etc/machine-id'], "'/etc/machine-id'"],
    ['--stage with --retain', 64, ['--commit', '@', '--stage', '--retain'], 'together'],
    ['--refspec without --commit', 64, ['--refspec', 'a'], "without '--commit'"],
    ['a deployment that is not there', 66, ['pin', '7'], 'cannot find deployment 7'],
    ['a rollback of an only deployment', 1, ['rollback'], 'has no other deployment'],
    ['kargs without a change', 64, ['kargs'], 'no change'],
    ['kargs --delete of what is not there', 1, ['kargs', '--delete', 'splash'], "no key 'splash' found"],
    ['kargs of ostree=', 64, ['kargs', '--append', 'ostree=/x'], 'names the deployment'],
    ['cleanup of nothing', 64, ['cleanup'], 'at least one cleanup option'],
    ['finalize with a wrong word', 64, ['finalize', 'abc'], 'no checksum'],
    ['a sysroot that is none', 66, ['--commit', '@', '--sysroot', '/var/lib'], 'it is no sysroot'],
    ['init of the running system with a bad name', 64, ['init', '--stateroot', '../x'], "'../x'"],
  ];

  test('nor does bad input', async () => {
    const before = await state(world);
    for (const [what, code, args, message] of REFUSALS) {
      const argv = args.map((a) => (a === '@' ? world.commit : a));
      const { exitCode, stdout, stderr } = await world.tool('aot-deploy', argv);
      expect({ exitCode, stdout, stderr }, what).toEqual({
        exitCode: code,
        stdout: '',
        stderr: expect.stringContaining(message),
      });
    }
    expect(await state(world)).toEqual(before);
  });

  test('a manifest that is cut, or of another kind, or missing', async () => {
    const whole = await manifest(world.commit, 'test/booted');
    const inputs: [string, string][] = [
      [whole.slice(0, -1), 'not one whole JSON document'],
      [whole.replace('aot.commit/v1', 'aot.rootfs/v1'), "it is 'aot.rootfs/v1'"],
      ['', 'it is empty'],
    ];
    for (const [input, message] of inputs) {
      const { stdout, stderr } = await world.tool('aot-deploy', [], { input });
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringContaining(message) });
    }
  });

  /** Mounts a small file system there, with what was there in it, before the tool is run. */
  const onSmall = (directory: string, free: string): string[] => [
    'sh',
    '-ec',
    `mkdir /tmp/small; size=$(du -sm ${directory} | cut -f1)
     mount -t tmpfs -o size=$((size + ${free}))M tmpfs /tmp/small; cp -a ${directory}/. /tmp/small
     mount --bind /tmp/small ${directory}; exec "$@"`,
    'sh',
    PROGRAM,
  ];

  test('/boot too full for another kernel; the same one needs no room', async () => {
    const [module] = readdirSync(join(world.root(), 'usr/lib/modules'));
    const other = await world.nextCommit({ files: { [`usr/lib/modules/${module}/devicetree`]: 'x'.repeat(100) } });
    const stderr = await refused(world, 74, onSmall('/boot', '2'), await manifest(other, 'test/booted'));
    expect(stderr).toMatch(
      /: devicetree and initramfs\.img and vmlinuz need \d+\.\d MB on '\/boot', \d\.\d MB are free\n/,
    );
    const { exitCode } = await world.run([...onSmall('/boot', '2'), '--commit', world.commit], { ok: 'any' });
    expect(exitCode).toBe(0);
    await deploy(world, ['cleanup', '--pending']);
  });

  test('a sysroot too full for the commit', async () => {
    const script = `mkdir /tmp/disk; mount -t tmpfs -o size=60M tmpfs /tmp/disk
      $0 init --sysroot /tmp/disk >&2
      code=0; $0 --sysroot /tmp/disk || code=$?
      ls /tmp/disk/ostree/deploy/debian >&2; exit $code`;
    const stderr = await refused(world, 74, ['sh', '-ec', script, PROGRAM], await manifest(world.commit, null));
    expect(stderr).toMatch(/: it needs \d{3}\.\d MB on '\/tmp\/disk', \d\d\.\d MB are free\n.*\nvar\n$/);
  });

  test('a file in /etc where the commit has a directory', async () => {
    world.write('/etc/one', 'a file here\n');
    const clash = await world.nextCommit({ files: { 'usr/etc/one/file': 'x' } });
    const stderr = await refused(world, 1, [PROGRAM], await manifest(clash, 'test/booted'));
    expect(stderr).toContain(`cannot merge /etc into '${clash}': '/etc/one': the new tree has a directory there\n`);
    rmSync(join(world.root(), 'etc/one'));
    await deploy(world, [], await manifest(clash, 'test/booted'));
    await deploy(world, ['cleanup', '--pending']);
  });

  /** Lets a program run before the first listing of a commit, which is after the sysroot was read. */
  const meanwhile = (line: string): string[] => {
    const wrapper = `#!/bin/sh\n[ "$1" != ls ] || [ -e /run/once ] || { touch /run/once; ${line} >&2; }\nexec /usr/bin/ostree "$@"\n`;
    world.write('/run/meanwhile/ostree', wrapper);
    const script = 'rm -f /run/once; chmod +x /run/meanwhile/ostree; PATH=/run/meanwhile:$PATH; exec "$@"';
    return ['sh', '-ec', script, 'sh', PROGRAM];
  };

  test('a program that changes the deployments while the request is checked', async () => {
    const argv = [...meanwhile('/usr/bin/ostree admin pin 0'), '--commit', world.commit];
    const { exitCode, stderr } = await world.run(argv, { ok: 'any' });
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 75,
      stderr: expect.stringContaining('another program changed the deployments'),
    });
    const { deployments } = await world.status();
    expect(deployments.map((d) => [d.staged, d.pinned])).toEqual([[false, true]]);
    await deploy(world, ['unpin', '0']);
  });

  test('libostree failing half-way: what it had written is gone', async () => {
    const broken = await world.nextCommit({ files: { 'usr/share/broken': 'unlike any other file\n' } });
    await world.run(['ostree', 'pull-local', '--repo=/ostree/repo', UPSTREAM, broken]);
    const { stdout } = await world.run(['ostree', 'ls', '-C', '--repo=/ostree/repo', broken, '/usr/share/broken']);
    const [checksum = ''] = /[0-9a-f]{64}/.exec(stdout) ?? [];
    rmSync(join(world.sysroot, 'ostree/repo/objects', checksum.slice(0, 2), `${checksum.slice(2)}.file`));
    const stderr = await refused(world, 1, [PROGRAM, '--commit', broken]);
    expect(stderr).toContain(`cannot deploy '${broken}': `);
  });

  test('a commit without a kernel', async () => {
    const modules = readdirSync(join(world.root(), 'usr/lib/modules'));
    const files = Object.fromEntries(modules.map((m) => [`usr/lib/modules/${m}/vmlinuz`, null]));
    const without = await world.nextCommit({ files });
    const stderr = await refused(world, 65, [PROGRAM], await manifest(without, 'test/booted'));
    expect(stderr).toContain('it has no kernel in /usr/lib/modules');
  });

  test('another of us at work', async () => {
    const args = ['--fcntl', '--exclusive'];
    const held = ['flock', '/sysroot/ostree/apt-ostree.lock', PROGRAM, 'rollback'];
    expect(await refused(world, 75, held)).toContain('apt-ostree.lock');
    const libostree = ['flock', ...args, '/sysroot/ostree/lock', PROGRAM, 'pin', '0'];
    expect(await refused(world, 75, libostree)).toContain('libostree is at work on the sysroot');
  });

  test('nothing was left behind', async () => {
    expect(readdirSync(join(world.sysroot, 'ostree/deploy/debian/deploy'))).toHaveLength(2);
    await world.run(['ostree', 'fsck', '--quiet', '--repo=/ostree/repo']);
  });
});
