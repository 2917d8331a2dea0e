import { openSync, readdirSync, readFileSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { fullDisk, tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { overlayCommit } from '../lib/overlay-commit.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

const directory = scratch('disk');
const at = (name: string): string => join(directory, name);
const HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0K8rP1QXr8Yy4Qm4Qp ada@example';
const REF = 'debian/13/amd64/server';
const MARKED = ['-n', 'user.mark', '-v', 'one'];
const SECTOR = 512;

let tree: RealTree;
let commit: string;
beforeAll(async () => {
  writeFileSync(at('hash'), `${HASH}\n`);
  writeFileSync(at('key.pub'), `${KEY}\n`);
  tree = await realTree('docs/examples/server.yaml');
  commit = await overlayCommit(tree.repo, REF, {
    version: '13.1',
    files: { 'usr/share/marked': 'marked' },
    edit: (changes) => run('setfattr', [...MARKED, join(changes, 'usr/share/marked')]),
  });
});

const compose = (...args: string[]) =>
  tool('apt-ostree', ['compose', 'disk', '--quiet', '--repo', tree.repo, ...args], { timeout: 600_000 });

async function made(...args: string[]): Promise<void> {
  const { code, stderr, stdout } = await compose(...args);
  expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^Wrote: /) });
}

interface Entry {
  start: number;
  size: number;
  type: string;
  name: string;
}

async function table(image: string): Promise<Map<string, Entry>> {
  const { stdout } = await run('/usr/sbin/sfdisk', ['--json', image]);
  const { partitions } = JSON.parse(stdout).partitiontable as { partitions: Entry[] };
  return new Map(partitions.map((p) => [p.name, p]));
}

/** A file system in the image, as e2fsprogs sees it. */
async function fileSystem(image: string, name: string) {
  const { start } = (await table(image)).get(name) as Entry;
  const device = `${image}?offset=${start * SECTOR}`;
  const ask = async (request: string) => (await run('/usr/sbin/debugfs', ['-R', request, device])).stdout;
  return {
    check: () => run('/usr/sbin/e2fsck', ['-fn', device]),
    cat: (path: string) => ask(`cat ${path}`),
    names: async (path: string) =>
      [...(await ask(`ls -p ${path}`)).matchAll(/^\/\d+\/\d+\/\d+\/\d+\/([^/]+)\//gm)].map((m) => m[1] as string),
    async stat(path: string) {
      const text = await ask(`stat ${path}`);
      const field = (pattern: RegExp) => pattern.exec(text)?.[1] as string;
      const [inode, links] = [field(/^Inode: (\d+)/), field(/Links: (\d+)/)].map(Number);
      const owner = [field(/User: +(\d+)/), field(/Group: +(\d+)/)].map(Number);
      return { inode, links, owner, mode: field(/Mode: +(\d+)/), flags: field(/Flags: (0x\w+)/), text };
    },
  };
}

type FileSystem = Awaited<ReturnType<typeof fileSystem>>;

/** What is there of a run that failed. */
const leftOver = (): string[] =>
  readdirSync(directory).filter((name) => !['hash', 'key.pub', 'web.yaml', 'disk.img'].includes(name));

describe('a disk', () => {
  let root: FileSystem;
  let deployment: string;
  const inDeployment = (path: string): string => `${deployment}/${path}`;

  beforeAll(async () => {
    const account = ['--user', 'ada', '--password-hash-file', at('hash')];
    writeFileSync(at('web.yaml'), `disk: {hostname: web, size: 5G, kargs: [console=ttyS0], ssh-key: key.pub}\n`);
    const machine = ['--treefile', at('web.yaml'), '--refspec', `origin:${REF}`];
    await made('--output', at('disk.img'), ...account, ...machine, REF);
    root = await fileSystem(at('disk.img'), 'root');
    deployment = `/ostree/deploy/debian/deploy/${commit}.0`;
  });

  it('has the size that was asked for, four parts in their places, and holes for what is empty', async () => {
    const { size, blocks } = statSync(at('disk.img'));
    expect(size).toBe(5 * 2 ** 30);
    expect(blocks * SECTOR).toBeLessThan(size / 3);
    const parts = await table(at('disk.img'));
    expect([...parts.keys()]).toEqual(['bios', 'esp', 'root']);
    expect(parts.get('esp')).toMatchObject({ type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', start: 4096 });
    expect(parts.get('root')?.type).toBe('4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709');
  });

  it('starts through UEFI', async () => {
    const { start } = (await table(at('disk.img'))).get('esp') as Entry;
    const image = `${at('disk.img')}@@${start * SECTOR}`;
    expect((await run('mdir', ['-b', '-i', image, '::/EFI/BOOT'])).stdout).toContain('::/EFI/BOOT/BOOTX64.EFI');
    await run('mcopy', ['-i', image, '::/EFI/BOOT/BOOTX64.EFI', at('loader')]);
    const loader = readFileSync(at('loader'));
    rmSync(at('loader'));
    expect(loader.subarray(0, 2).toString()).toBe('MZ');
    const uuid = /Filesystem UUID: +(\S+)/.exec(await superBlock(at('disk.img')))?.[1];
    expect(loader.includes(`search --no-floppy --fs-uuid --set=root ${uuid}`)).toBe(true);
  });

  it('starts through BIOS, with its table untouched', async () => {
    const { start } = (await table(at('disk.img'))).get('bios') as Entry;
    const [first, core] = [bytes(at('disk.img'), 0), bytes(at('disk.img'), start * SECTOR)];
    expect(first.includes('GRUB')).toBe(true);
    expect(first.readBigUInt64LE(0x5c)).toBe(BigInt(start));
    expect(first[450]).toBe(0xee); // the protective entry
    expect(core.readBigUInt64LE(0x1f4)).toBe(BigInt(start + 1));
  });

  it('has file systems that e2fsck has nothing to say about', async () => {
    expect((await root.check()).stdout).toContain('root: ');
  });

  it('has one deployment, with a menu that GRUB finds and libostree will write', async () => {
    const menu = await root.cat('/boot/loader/grub.cfg');
    expect(menu.match(/^menuentry /gm)).toHaveLength(1);
    expect(menu).toMatch(
      /^linux \/boot\/ostree\/debian-\w+\/vmlinuz-\S+ root=UUID=\S+ rw systemd.gpt_auto=0 console=ttyS0 ostree=\/ostree\/boot.1\//m,
    );
    expect(await root.cat('/boot/loader/entries/ostree-1.conf')).toContain('console=ttyS0');
    expect((await root.stat('/boot/grub/grub.cfg')).text).toContain('Fast link dest: "../loader/grub.cfg"');
    expect((await root.stat('/boot/loader/grub.cfg')).mode).toBe('0600');
    const kernel = /^linux (\S+)/m.exec(menu)?.[1] as string;
    expect(await root.names(kernel.replace(/\/[^/]*$/, ''))).toContain(kernel.replace(/.*\//, ''));
    const config = await root.cat('/ostree/repo/config');
    for (const line of ['bootloader=grub2', 'bootprefix=true', 'readonly=true']) expect(config).toContain(line);
    expect(await root.cat(`${deployment}.origin`)).toContain(`refspec=origin:${REF}\n`);
  });

  it('has the files of the commit with owner, mode, attributes and links', async () => {
    expect(await root.stat(deployment)).toMatchObject({ owner: [0, 0], flags: '0x80010' });
    expect(await root.stat(inDeployment('usr/bin/sudo'))).toMatchObject({ owner: [0, 0], mode: '04755' });
    expect(await root.stat(inDeployment('etc/shadow'))).toMatchObject({ owner: [0, 42], mode: '0640' });
    expect((await root.stat(inDeployment('usr/share/marked'))).text).toContain('user.mark (3) = "one"');
    const file = await root.stat(inDeployment('usr/bin/dpkg'));
    const { stdout } = await run('ostree', ['ls', '-C', `--repo=${tree.repo}`, REF, '/usr/bin/dpkg']);
    const sum = /\b([0-9a-f]{64})\b/.exec(stdout)?.[1] as string;
    expect(file.links).toBe(2);
    expect(await root.stat(`/ostree/repo/objects/${sum.slice(0, 2)}/${sum.slice(2)}.file`)).toMatchObject({
      inode: file.inode,
    });
    expect((await root.stat('/ostree/deploy/debian/var/roothome')).mode).toBe('0700');
  });

  it('lets in whom it shall, and nothing of that is lying around', async () => {
    expect(await root.cat(inDeployment('etc/hostname'))).toBe('web\n');
    expect(await root.cat(inDeployment('etc/passwd'))).toMatch(/^ada:x:1000:1000::\/home\/ada:\/bin\/bash$/m);
    expect(await root.cat(inDeployment('etc/group'))).toMatch(/^sudo:x:27:ada$/m);
    expect((await root.cat(inDeployment('etc/shadow'))).split('\n').find((l) => l.startsWith('ada:'))).toContain(HASH);
    expect((await root.names(inDeployment('etc'))).filter((name) => /-$|^\.pwd/.test(name))).toEqual([]);
    const home = '/ostree/deploy/debian/var/home/ada';
    expect(await root.cat(`${home}/.ssh/authorized_keys`)).toBe(`${KEY}\n`);
    expect(await root.stat(`${home}/.ssh/authorized_keys`)).toMatchObject({ owner: [1000, 1000], mode: '0600' });
    expect(await root.stat(`${home}/.ssh`)).toMatchObject({ owner: [1000, 1000], mode: '0700' });
    expect(await root.names(home)).toContain('.bashrc');
  });

  it('takes the place of an older one in one step', async () => {
    const before = statSync(at('disk.img')).ino;
    await made('--output', at('disk.img'), '--separate-boot', '--ssh-key', at('key.pub'), commit);
    expect(statSync(at('disk.img')).ino).not.toBe(before);
    expect(leftOver()).toEqual([]);
  });
});

describe('a disk with /boot apart', () => {
  it('has its kernel, menu and entries there, and mounts it', async () => {
    const root = await fileSystem(at('disk.img'), 'root');
    const boot = await fileSystem(at('disk.img'), 'boot');
    await boot.check();
    expect(await root.names('/boot')).toEqual(['.', '..']);
    expect(await boot.cat('/loader/grub.cfg')).toMatch(/^linux \/ostree\/debian-/m);
    const deployment = `/ostree/deploy/debian/deploy/${commit}.0`;
    expect(await root.cat(`${deployment}/etc/fstab`)).toMatch(/^UUID=\S+ \/boot ext4 defaults 0 2$/m);
    expect(await root.cat('/ostree/repo/config')).toContain('bootprefix=false');
  });

  it('lets root in with a key, and follows the commit where no ref was named', async () => {
    const root = await fileSystem(at('disk.img'), 'root');
    const file = '/ostree/deploy/debian/var/roothome/.ssh/authorized_keys';
    expect(await root.cat(file)).toBe(`${KEY}\n`);
    expect(await root.stat(file)).toMatchObject({ owner: [0, 0], mode: '0600' });
    expect(await root.cat(`/ostree/deploy/debian/deploy/${commit}.0.origin`)).toContain(commit);
  });
});

it('is written for qemu', async () => {
  rmSync(at('disk.img'));
  await made('--output', at('disk.img'), '--format', 'qcow2', REF);
  const { stdout } = await run('qemu-img', ['info', '--output=json', at('disk.img')]);
  expect(JSON.parse(stdout)).toMatchObject({ format: 'qcow2', 'virtual-size': 4 * 2 ** 30 });
  await run('qemu-img', ['check', at('disk.img')]);
});

describe('what cannot be a disk', () => {
  const refuse = async (...args: string[]) => {
    rmSync(at('disk.img'), { force: true });
    const result = await compose('--output', at('disk.img'), ...args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect([...leftOver(), ...readdirSync(directory).filter((name) => name === 'disk.img')]).toEqual([]);
    return result.stderr;
  };

  it('a ref that is not there', async () => {
    expect(await refuse('no/such/ref')).toMatch(
      /^error: cannot find 'no\/such\/ref' in '.*'\nhint: 'ostree refs --repo=/,
    );
  });

  it('a commit without a kernel', async () => {
    const minimal = await realTree('docs/examples/minimal.yaml');
    await run('ostree', ['pull-local', `--repo=${tree.repo}`, minimal.repo, minimal.commit.commit]);
    expect(await refuse(minimal.commit.commit)).toMatch(
      /^error: cannot make a disk of '\w+': the commit has no kernel\nhint: /,
    );
  });

  it('a size that is too small, with the one that suffices', async () => {
    const text = await refuse('--size', '300M', REF);
    const needed = /^error: cannot make a disk of 300M: the commit needs (\d+M)\nhint: /.exec(text)?.[1] as string;
    await made('--output', at('disk.img'), '--size', needed, REF);
    await (await fileSystem(at('disk.img'), 'root')).check();
  });

  it('a directory that is not there', async () => {
    const { code, stderr } = await compose('--output', at('none/disk.img'), REF);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("there is no directory '") });
  });

  it('a disk of ours that is full, at any point', async () => {
    for (const size of [20, 200, 450]) {
      const small = await fullDisk(size);
      const args = ['compose', 'disk', '--quiet', '--repo', tree.repo, '--output', join(small.path, 'disk.img'), REF];
      const { code, stderr } = await tool('apt-ostree', args, { prefix: small.prefix, timeout: 600_000 });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/no space left on device|min-free-space/i),
      });
      expect(readdirSync(small.outside)).toEqual([]);
      await small.close();
    }
  });
});

function bytes(file: string, position: number): Buffer {
  const buffer = Buffer.alloc(SECTOR);
  readSync(openSync(file, 'r'), buffer, 0, SECTOR, position);
  return buffer;
}

async function superBlock(image: string): Promise<string> {
  const { start } = (await table(image)).get('root') as Entry;
  return (await run('/usr/sbin/debugfs', ['-R', 'show_super_stats -h', `${image}?offset=${start * SECTOR}`])).stdout;
}
