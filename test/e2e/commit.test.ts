import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitManifest } from '@apt-ostree/manifest';
import { type RunOptions, run } from '@apt-ostree/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { program, TOP } from '../lib/checkout.ts';
import { deploy, inside as insideOf, MOVED_WITH_KERNEL, makeVar, movedPaths } from '../lib/deployed.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';
import { type Entry, snapshot } from '../lib/snapshot.ts';
import { sweepAfter } from '../lib/sweep.ts';

let directory: string;
let real: RealTree;
let commit: string;
/** The commit as files, and a copy that looks like a deployment: /etc in its place, everything may be written. */
let checkout: string;
let deployed: string;

const inside = (argv: string[], options: RunOptions = {}) => insideOf(deployed, argv, options);

const ostree = async (...args: string[]) => (await run('ostree', [`--repo=${real.repo}`, ...args])).stdout;

describe.each(['minimal', 'server'] as const)('the commit of %s', (name) => {
  beforeAll(async () => {
    real = await realTree(`docs/examples/${name}.yaml`);
    commit = real.commit.commit;
    directory = scratch(`commit-${name}`);
    [checkout, deployed] = [join(directory, 'checkout'), join(directory, 'deployed')];
    await ostree('checkout', '--force-copy', commit, checkout);
    await run('cp', ['--archive', checkout, deployed]);
    renameSync(join(deployed, 'usr/etc'), join(deployed, 'etc'));
  });
  sweepAfter(() => [directory]);

  it('is whole', async () => {
    await ostree('fsck', '--quiet');
  });

  it('carries every set-id bit, owner and extended attribute of /usr', async () => {
    const special = async (root: string, etc: string) =>
      [...(await snapshot(root, (path) => path.startsWith('/var') || path.startsWith('/usr/local')))]
        .filter(([, e]) => e.type === 'file' && (/^[2-7]...$/.test(e.mode) || e.owner !== '0:0' || e.xattrs))
        .map(([path, e]): [string, Entry] => [path.replace(etc, '/etc/'), { ...e, content: '' }]);
    const before = (await special(real.rootfs, '/etc/')).filter(([path]) => !/^\/etc\/[a-z]+-$/.test(path));
    const after = await special(checkout, '/usr/etc/');
    expect(after.map(([path]) => path)).toContain('/usr/bin/su');
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before));
  });

  it('is, to dpkg, what was configured, but for what the commit moves', async () => {
    // On a machine systemd-tmpfiles has made /var; where there is none, its lines are followed here.
    await makeVar(deployed);
    expect(await movedPaths(deployed, real.packages)).toEqual(name === 'server' ? MOVED_WITH_KERNEL : []);
    expect((await inside(['dpkg', '--audit'])).stdout).toBe('');
    expect((await inside(['dpkg-query', '-W'])).stdout.trim().split('\n').length).toBe(real.packages.packages.length);
  });

  it('has a linker cache that is the one made anew', async () => {
    await inside(['ldconfig', '-X', '-C', '/etc/ld.so.cache.again']);
    const [shipped, again] = ['etc/ld.so.cache', 'etc/ld.so.cache.again'].map((f) => readFileSync(join(deployed, f)));
    expect(again?.equals(shipped as Buffer)).toBe(true);
  });

  it('declares every user and group', async () => {
    const declared = (await run('grep', ['-rhE', '^[ugm]', join(checkout, 'usr/lib/sysusers.d')])).stdout;
    const names = (file: string) =>
      readFileSync(join(checkout, 'usr/etc', file), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0] as string);
    const has = (types: string, who: string) => new RegExp(`^[${types}]!?\\s+${who}\\s`, 'm').test(declared);
    expect(names('passwd').filter((user) => !has('u', user))).toEqual([]);
    expect(names('group').filter((group) => !has('ug', group))).toEqual([]);
  });

  it('names no machine: no keys, no host name, no machine-id, no lists, no logs', async () => {
    const gone = ['etc/hostname', 'etc/ssh/ssh_host_rsa_key', 'usr/sbin/policy-rc.d', 'var/lib/apt/lists', 'var/log'];
    const { stdout } = await run(
      'find',
      gone.map((path) => join(checkout, path.replace(/^etc/, 'usr/etc'))),
      { ok: 'any' },
    );
    expect(stdout).toBe('');
    expect(readFileSync(join(checkout, 'usr/etc/machine-id'), 'utf8')).toBe('');
    const { stdout: paths } = await run(
      'grep',
      ['-rlF', TOP, join(checkout, 'usr/etc'), join(checkout, 'usr/lib/sysimage')],
      {
        ok: 'any',
      },
    );
    expect(paths).toBe('');
  });

  it('leaves the configured tree as it was, and comes out the same with empty caches, at another place and time', async () => {
    const before = await snapshot(real.rootfs);
    const again = await commitAgain({ TZ: 'Asia/Tokyo', LC_ALL: 'C', HOSTNAME: 'elsewhere' });
    expect(again.commit).toBe(commit);
    expect(await snapshot(real.rootfs)).toEqual(before);
  });
});

describe('the server', () => {
  let image: string;
  beforeAll(async () => {
    real = await realTree('docs/examples/server.yaml');
    directory = scratch('commit-deployed');
    deployed = join(directory, 'deployed');
    await deploy(real, deployed);
    const kver = (await ostree('show', '--print-metadata-key=ostree.linux', real.commit.commit)).trim().slice(1, -1);
    image = `/usr/lib/modules/${kver}/initramfs.img`;
  });
  sweepAfter(() => [directory]);

  it("enables the treefile's units, and boots to its default target", async () => {
    const { units, 'default-target': target } = real.packages.treefile as { units: string[]; 'default-target': string };
    const { stdout } = await inside(['systemctl', '--root=/', 'is-enabled', ...units]);
    expect(stdout.trim().split('\n')).toEqual(units.map(() => 'enabled'));
    expect((await inside(['systemctl', '--root=/', 'get-default'])).stdout).toBe(`${target}\n`);
  });

  it('has an initramfs that mounts a deployment', async () => {
    const { stdout } = await inside(['lsinitrd', image]);
    expect(stdout).toMatch(/^ostree$/m);
    for (const file of [
      ...['usr/lib/ostree/ostree-prepare-root', 'usr/lib/ostree/prepare-root.conf'],
      ...['kernel/fs/overlayfs/overlay.ko', 'kernel/fs/erofs/erofs.ko'], // composefs is made of these
      'initrd-root-fs.target.wants/ostree-prepare-root.service',
    ]) {
      expect(stdout).toContain(file);
    }
  });

  it('makes its /var with its own systemd-tmpfiles, package state in place', async () => {
    const { stderr } = await makeVar(deployed);
    // The root's links are not the directories of systemd's own lines; systemd leaves them alone.
    const complaints = stderr
      .split('\n')
      .filter((l) => l !== '' && !/^"\/(home|srv|root)" already exists|specifier/.test(l));
    expect(complaints).toEqual([]);
    expect(readFileSync(join(deployed, 'usr/lib/sysimage/dpkg/status'), 'utf8')).toContain('Package: openssh-server\n');
    expect(
      (await inside(['stat', '-c', '%a %U %G', '/var/mail', '/var/lib/apt/lists/partial', '/var/roothome'])).stdout,
    ).toBe('2775 root mail\n700 _apt root\n700 root root\n');
    expect((await inside(['cat', '/root/.profile'])).stdout).toContain('bashrc');
  });

  it('gets its users and groups back from sysusers lines, with their numbers', async () => {
    for (const file of ['passwd', 'group', 'shadow', 'gshadow']) rmSync(join(deployed, 'etc', file), { force: true });
    await inside(['systemd-sysusers']);
    const ours = readFileSync(join(deployed, 'usr/lib/sysusers.d/aot.conf'), 'utf8').trim().split('\n');
    const numbers = ours.filter((l) => /^[ug] /.test(l)).map((l) => l.split(' '));
    for (const [type, who, id] of numbers as [string, string, string][]) {
      const { stdout } = await inside(['getent', type === 'u' ? 'passwd' : 'group', who]);
      expect(stdout.split(':')[2], who).toBe(id.split(':')[0]);
    }
  });
});

async function commitAgain(env: Record<string, string>): Promise<CommitManifest> {
  const repo = join(directory, 'again');
  const configured = { ...real.configured, rootfs: real.rootfs, cachedir: join(directory, 'cache') };
  const { stdout } = await run(
    program('aot-commit'),
    ['--strict-var', '--repo', repo, '--source-root', join(TOP, 'docs/examples')],
    {
      input: JSON.stringify(configured),
      cwd: directory,
      env,
    },
  );
  return JSON.parse(stdout) as CommitManifest;
}
