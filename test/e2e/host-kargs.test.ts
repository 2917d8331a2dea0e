import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BootedWorld, bootedWorld } from '../lib/booted-world.ts';

let world: BootedWorld;
/** Those that the booted deployment has. */
const BOOTED = 'root=LABEL=root rw console=ttyS0';

beforeAll(async () => {
  world = await bootedWorld('host-kargs');
});

const shown = async (...words: string[]) => (await world.aptOstree(['kargs', ...words])).stdout.trimEnd();
const change = (...words: string[]) => world.aptOstree(['kargs', ...words]);

/** Fails for the reason given, and leaves the next deployment as it is. */
async function refused(words: string[], reason: string): Promise<void> {
  const before = await world.status();
  const { exitCode, stderr } = await change(...words);
  expect(stderr).toContain(reason);
  expect(exitCode).toBe(1);
  expect((await world.status()).deployments).toEqual(before.deployments);
}

describe('from the arguments that the system booted with', () => {
  beforeEach(async () => {
    await world.aptOstree(['cleanup', '--pending']);
  });

  test('shown: what the boot loader has, without what names the deployment', async () => {
    expect(await shown()).toBe(BOOTED);
    const { stdout } = await world.run(['sh', '-c', 'grep ^options /boot/loader/entries/*.conf']);
    for (const argument of BOOTED.split(' ')) expect(stdout).toContain(argument);
  });

  test('appended: staged, and there after a reboot', async () => {
    expect(await change('--append=a=1', '--append=a=2', '--append=quiet')).toMatchObject({
      exitCode: 0,
      stdout: 'Changes queued for next boot. Run "systemctl reboot" to start a reboot\n',
    });
    const { deployments } = await world.status();
    expect(deployments).toMatchObject([
      { checksum: world.commit, staged: true, origin: { refspec: world.refspec } },
      { checksum: world.commit, booted: true },
    ]);
    expect(await shown()).toBe(`${BOOTED} a=1 a=2 quiet`);
    expect(await shown('--deploy-index=1')).toBe(BOOTED);
  });

  test('several operations in one call, and a second call that goes on from the first', async () => {
    await change('--append=a=1', '--append=b', '--delete=rw');
    expect(await shown()).toBe('root=LABEL=root console=ttyS0 a=1 b');
    await change('--replace=a=2', '--append-if-missing=b', '--append-if-missing=c', '--delete-if-present=none');
    expect(await shown()).toBe('root=LABEL=root console=ttyS0 a=2 b c');
  });

  test('of a key with several values the value must be said', async () => {
    await change('--append=a=1', '--append=a=2', '--append=a=3');
    await refused(['--delete=a'], "multiple values for key 'a' found");
    await refused(['--replace=a=4'], "multiple values for key 'a' found");
    await refused(['--delete=a=9'], "no kernel argument 'a=9' found");
    await refused(['--delete=nothing'], "no key 'nothing' found");
    await change('--delete=a=2');
    await change('--replace=a=3=x');
    expect(await shown()).toBe(`${BOOTED} a=1 a=x`);
  });

  test('exit code 77 where nothing changes, and nothing is deployed', async () => {
    const words = ['--append-if-missing=rw', '--delete-if-present=none'];
    expect(await change(...words)).toMatchObject({ exitCode: 0, stdout: 'No changes.\n' });
    expect(await change(...words, '--unchanged-exit-77')).toMatchObject({ exitCode: 77, stdout: 'No changes.\n' });
    expect((await world.status()).deployments).toHaveLength(1);
    expect(await change('--append-if-missing=new', '--unchanged-exit-77')).toMatchObject({ exitCode: 0 });
  });

  test('those of another deployment by its index', async () => {
    await change('--append=a=1');
    await change('--deploy-index=1', '--append=b=2');
    expect(await shown()).toBe(`${BOOTED} b=2`);
    await refused(['--deploy-index=7', '--append=x'], "option '--deploy-index' cannot be '7'");
    await refused(['--deploy-index=x', '--append=x'], "option '--deploy-index' cannot be 'x'");
  });

  test("from the running kernel's, without what the boot loader added", async () => {
    const { stdout } = await world.run(['cat', '/proc/cmdline']);
    expect(await change('--import-proc-cmdline', '--append=imported')).toMatchObject({ exitCode: 0 });
    const now = (await shown()).split(' ');
    expect(now.at(-1)).toBe('imported');
    expect(now.filter((a) => a.startsWith('BOOT_IMAGE='))).toEqual([]);
    for (const argument of now.slice(0, -1)) expect(stdout).toContain(argument);
  });

  test('all of them can go', async () => {
    expect(await change(...BOOTED.split(' ').map((a) => `--delete=${a}`))).toMatchObject({ exitCode: 0 });
    expect(await shown()).toBe('');
  });

  test.each([
    [['--editor', '--append=x'], "cannot specify both '--editor' and '--append'"],
    [['--delete=rw', '--replace=rw=1'], "cannot specify both '--delete' and '--replace'"],
    [['--import-proc-cmdline', '--deploy-index=0'], "cannot specify both '--import-proc-cmdline'"],
    [['--import-proc-cmdline', '--os=debian'], "cannot specify both '--import-proc-cmdline'"],
    [['--reboot'], "cannot use '--reboot': no kernel argument is changed"],
    [['--append=ostree=/x'], "cannot use the kernel argument 'ostree'"],
    [['--append=a b'], 'a space outside of quotation marks'],
  ])('%s is refused', async (words, reason) => {
    await refused(words, reason);
  });
});

describe('in an editor', () => {
  const inEditor = async (script: string, ...words: string[]) => {
    world.write('/run/editor', `#!/bin/sh\n${script}\n`);
    await world.run(['chmod', '+x', '/run/editor']);
    return world.aptOstree(['kargs', '--editor', ...words], { env: { EDITOR: '/run/editor' } });
  };
  beforeEach(async () => {
    await world.aptOstree(['cleanup', '--pending']);
  });

  test('what is saved is what boots next', async () => {
    expect(await inEditor('sed -i "s/console=ttyS0/console=tty1 edited=\\"x y\\"/" "$1"')).toMatchObject({
      exitCode: 0,
    });
    expect(await shown()).toBe('root=LABEL=root rw console=tty1 edited="x y"');
  });

  test('closed without a change', async () => {
    const unchanged = await inEditor('true');
    expect(unchanged).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('remained the same') });
    expect(await inEditor('true', '--unchanged-exit-77')).toMatchObject({ exitCode: 77, stdout: 'No changes.\n' });
  });

  test.each([
    ['echo "# nothing" > "$1"', 'cannot be empty'],
    ['echo "rw ostree=/boot" > "$1"', "cannot use the kernel argument 'ostree'"],
    ['exit 3', 'ended with 3'],
    [
      'sed -i "s/rw/ro/" "$1"; ostree admin deploy --stage --karg-append=other debian:test/booted',
      'Conflict: bootloader configuration changed. Saved kernel arguments: root=LABEL=root ro console=ttyS0',
    ],
  ])('%s', async (script, reason) => {
    const { exitCode, stderr } = await inEditor(script);
    expect(stderr).toContain(reason);
    expect(exitCode).toBe(1);
    expect(await shown()).not.toContain(' ro ');
  });
});

test('they are kept by an upgrade, and a rollback brings the old ones back', async () => {
  await world.aptOstree(['cleanup', '--pending']);
  await change('--append=kept=1');
  const next = await world.nextCommit({ files: { 'usr/share/aot-kargs': 'x' } });
  expect(await world.aptOstree(['upgrade'])).toMatchObject({ exitCode: 0 });
  await world.reboot();
  expect(await world.status()).toMatchObject({ booted: { checksum: next } });
  expect(await shown()).toBe(`${BOOTED} kept=1`);
  expect(await world.aptOstree(['rollback'])).toMatchObject({ exitCode: 0 });
  await world.reboot();
  expect(await shown()).toBe(BOOTED);
});
