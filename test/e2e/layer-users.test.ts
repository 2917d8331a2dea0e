import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LayerWorld, layerWorld } from '../lib/layer-world.ts';
import { commitChange } from '../lib/next-commit.ts';

const PACKAGES: ArchivePackage[] = [
  {
    name: 'aot-daemon',
    scripts: {
      postinst:
        'useradd --system --user-group --no-create-home aotd; mkdir /var/lib/aotd; echo x > /usr/share/aotd; chown aotd:aotd /var/lib/aotd /usr/share/aotd; chmod 4750 /usr/share/aotd',
    },
  },
  { name: 'aot-other', files: { '/usr/share/aot-other': 'x\n' } },
  { name: 'aot-second', scripts: { postinst: 'useradd --system --user-group --no-create-home aot2' } },
];

/** What useradd gives first: the host has given it to somebody else. */
const TAKEN = 999;

let world: LayerWorld;
let number: number;

beforeAll(async () => {
  world = await layerWorld('layer-users', PACKAGES);
  for (const [file, line] of [
    ['passwd', `local:x:${TAKEN}:${TAKEN}::/nonexistent:/usr/sbin/nologin`],
    ['group', `local:x:${TAKEN}:`],
    ['gshadow', 'local:!::'],
    ['shadow', 'local:!:20000::::::'],
  ] as const)
    world.write(`/etc/${file}`, `${readFileSync(join(world.root(), 'etc', file), 'utf8')}${line}\n`);
});

afterAll(() => world?.server.close());

const numberIn = (text: string | undefined, name = 'aotd'): number =>
  Number(new RegExp(`^${name}:[^:]*:(\\d+):`, 'm').exec(text ?? '')?.[1]);

/** Owner, group and mode of a file of the deployment that boots next. */
async function owner(path: string): Promise<string> {
  const [first] = (await world.status()).deployments;
  return (await world.run(['stat', '-c', '%u:%g %a', `/sysroot/${first?.path}/${path}`])).stdout.trim();
}

/** The base's accounts, and two more: one with the number that a layered one has, and one with that before it. */
function claiming(number: number): NonNullable<Parameters<typeof commitChange>[2]['files']> {
  const file = (name: string) => readFileSync(join(world.root(), 'usr/etc', name), 'utf8').replace(/^aotd:.*\n/gm, '');
  return {
    'usr/etc/passwd': `${file('passwd')}newa:x:${number}:${number}::/:/usr/sbin/nologin\nnewb:x:${number - 1}:${number - 1}::/:/usr/sbin/nologin\n`,
    'usr/etc/group': `${file('group')}newa:x:${number}:\nnewb:x:${number - 1}:\n`,
    'usr/etc/shadow': { text: `${file('shadow')}newa:!:20000::::::\nnewb:!:20000::::::\n`, mode: 0o640 },
    'usr/etc/gshadow': { text: `${file('gshadow')}newa:!::\nnewb:!::\n`, mode: 0o640 },
  };
}

test('a user that a package makes has a number that nobody has on the machine', async () => {
  await world.done('install', 'aot-daemon');
  number = numberIn(await world.next('usr/etc/passwd'));
  expect(number).toBeGreaterThanOrEqual(100);
  expect(number).toBeLessThan(TAKEN);
  expect(numberIn(await world.next('usr/etc/group'))).toBe(number);
  expect(await owner('usr/share/aotd')).toBe(`${number}:${number} 4750`);
  expect(await world.next('usr/lib/sysusers.d/00-aot-layer.conf')).toContain(`u aotd ${number}:${number} `);
  expect(await world.next('usr/lib/tmpfiles.d/aot-var.conf')).toContain('d /var/lib/aotd 0755 aotd aotd -\n');
});

test('and at the boot it is there, with that number, beside what was edited', async () => {
  await world.reboot();
  expect(numberIn(readFileSync(join(world.root(), 'etc/passwd'), 'utf8'), 'local')).toBe(TAKEN);
  await world.run(['systemd-sysusers']);
  await world.run(['systemd-tmpfiles', '--create', '--prefix=/var/lib/aotd']);
  expect((await world.run(['id', '-u', 'aotd'])).stdout.trim()).toBe(String(number));
  expect((await world.run(['stat', '-c', '%U:%G %u', '/var/lib/aotd'])).stdout.trim()).toBe(`aotd:aotd ${number}`);
});

test('a new base that has given the number to another gives way', async () => {
  await world.nextCommit({ version: '13.1', files: claiming(number) });
  await world.done('upgrade');
  const passwd = await world.next('usr/etc/passwd');
  expect(numberIn(passwd)).toBe(number);
  expect(await owner('usr/share/aotd')).toBe(`${number}:${number} 4750`);
  expect(numberIn(passwd, 'newb')).toBe(number - 1);
  expect([number, number - 1, TAKEN]).not.toContain(numberIn(passwd, 'newa'));
  expect(await world.next('usr/lib/sysusers.d/aot.conf')).toContain(`u newa ${numberIn(passwd, 'newa')}:`);
});

test('taken out and layered again, it has its number again', async () => {
  await world.done('uninstall', 'aot-daemon');
  await world.reboot();
  await world.done('install', 'aot-other');
  await world.done('install', 'aot-daemon');
  expect(numberIn(await world.next('usr/etc/passwd'))).toBe(number);
});

describe('where nobody has edited the accounts of the machine', () => {
  let newa: number;
  let newb: number;
  const WHO = { aotd: '/var/lib/aotd', newa: '/var/lib/newa' };

  beforeAll(async () => {
    world.server.close();
    world = await layerWorld('layer-users-plain', PACKAGES);
  });

  /** What a boot does for accounts; then who the owners of the files in /var are. */
  async function owners(): Promise<string> {
    await world.run(['systemd-sysusers']);
    await world.run(['systemd-tmpfiles', '--create', '--prefix=/var/lib/aotd']);
    const there = Object.values(WHO).map((path) => `${path}/file`);
    const { stdout } = await world.run(['stat', '-c', '%U %u %n', ...there], { ok: 'any' });
    return stdout.trim();
  }

  test('a daemon is layered and writes, then the base is another: both have what is theirs', async () => {
    await world.done('install', 'aot-daemon');
    await world.reboot();
    number = numberIn(readFileSync(join(world.root(), 'etc/passwd'), 'utf8'));
    await owners();
    await world.run(['sh', '-c', 'echo x > /var/lib/aotd/file; chown aotd:aotd /var/lib/aotd/file']);
    await run('ostree', ['refs', `--repo=${world.repo}`, '--create=test/other', world.commit]);
    await commitChange(world.repo, 'test/other', { version: '14', files: claiming(number) });
    await world.done('rebase', 'debian:test/other');
    await world.reboot();
    expect(await owners()).toBe(`aotd ${number} /var/lib/aotd/file`);
    newa = numberIn(readFileSync(join(world.root(), 'etc/passwd'), 'utf8'), 'newa');
    newb = numberIn(readFileSync(join(world.root(), 'etc/passwd'), 'utf8'), 'newb');
    expect([newa === number, newb]).toEqual([false, number - 1]);
    await world.run(['sh', '-c', 'mkdir /var/lib/newa; echo x > /var/lib/newa/file; chown -R newa:newa /var/lib/newa']);
  });

  test('after a rollback, and a further daemon layered there, each number is still of whom it was', async () => {
    await world.done('rollback');
    await world.reboot();
    expect(await owners()).toContain(`aotd ${number} /var/lib/aotd/file`);
    await world.done('install', 'aot-second');
    const second = numberIn(await world.next('usr/etc/passwd'), 'aot2');
    expect([number, newa, newb]).not.toContain(second);
    await world.reboot();
    await world.done('rebase', 'debian:test/other');
    await world.reboot();
    expect(await owners()).toBe(`aotd ${number} /var/lib/aotd/file\nnewa ${newa} /var/lib/newa/file`);
    const passwd = readFileSync(join(world.root(), 'etc/passwd'), 'utf8');
    expect([numberIn(passwd, 'newb'), numberIn(passwd, 'aot2')]).toEqual([newb, second]);
  });

  test('with nothing layered any more, the base gives way all the same; and one that claims nothing is itself', async () => {
    await world.done('uninstall', '--all');
    await world.reboot();
    expect(await owners()).toContain(`newa ${newa} /var/lib/newa/file`);
    expect(await world.done('upgrade')).toBe('No upgrade available.\n');
    expect(await world.done('status', '--booted')).not.toContain('LayeredPackages');
    await world.done('install', 'aot-daemon');
    expect(numberIn(await world.next('usr/etc/passwd'))).toBe(number);
    await world.done('cleanup', '--pending');
    await world.done('rebase', 'debian:test/booted');
    expect((await world.deployed())[0]).toBe(world.commit);
  });
});
