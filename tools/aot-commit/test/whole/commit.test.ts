import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { markedWhile } from '@apt-ostree/bwrap';
import type { Context } from '@apt-ostree/cli';
import { Progress } from '@apt-ostree/cli';
import { tree as listing, temporary } from '@apt-ostree/testkit';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type CommitArgs, commit } from '../../src/commit.ts';
import { GROUP, makeTree, manifest, PASSWD, type Spec } from '../fixture.ts';

const FILES: Record<string, Spec> = {
  'etc/passwd': PASSWD,
  'etc/group': GROUP,
  'etc/shadow': { text: 'root:*:20000:0:99999:7:::\n', mode: 0o640, gid: 42 },
  'usr/bin/su': { text: 'su', mode: 0o4755 },
  'usr/bin/expiry': { text: 'expiry', mode: 0o2755, gid: 42 },
  bin: { link: 'usr/bin' },
  'var/lib/dpkg/status': 'Package: hello\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n',
  'var/lib/dpkg/info/hello.list': '/.\n',
  'var/log/dpkg.log': 'now',
};

let work: string;
beforeEach(() => {
  work = temporary(onTestFinished);
});

const KERNEL = { 'boot/vmlinuz-1': '', 'usr/lib/modules/1/modules.dep.bin': '' };

const TREEFILE = { ref: 'debian/13/test', container: true };

function run(
  options: Partial<CommitArgs> = {},
  treefile: Record<string, unknown> = {},
  files: Record<string, Spec> = {},
) {
  const root = makeTree({ ...FILES, ...files }).root;
  return runOn(root, options, treefile);
}

async function runOn(root: string, options: Partial<CommitArgs> = {}, treefile: Record<string, unknown> = {}) {
  const input = { ...manifest({ ...TREEFILE, ...treefile }), rootfs: root, cachedir: join(work, 'cache') };
  const args = {
    ...{ repo: join(work, 'repo'), 'source-root': '.', 'no-parent': false, 'strict-var': false, force: false },
    ...{ 'add-metadata-string': [], 'gpg-sign': [], ...options },
  } as unknown as CommitArgs;
  const context = {
    readManifest: async () => input,
    progress: new Progress('aot-commit', []),
    warn: () => {},
    signal: new AbortController().signal,
  } as unknown as Context;
  return commit(args, context);
}

const ostree = (...args: string[]) =>
  execFileSync('ostree', [`--repo=${join(work, 'repo')}`, ...args], { encoding: 'utf8' });

describe('a commit', () => {
  test('is whole, named by the ref, and as the manifest says', async () => {
    const result = await run();
    expect(ostree('rev-parse', 'debian/13/test').trim()).toBe(result.commit);
    expect(ostree('show', 'debian/13/test')).toContain(`ContentChecksum:  ${result.contentChecksum}`);
    ostree('fsck', '-q');
    expect(result).toMatchObject({ unchanged: false, parent: null, ref: 'debian/13/test', version: null });
    expect(result.packages).toEqual([
      { name: 'hello', version: '1.0-1', architecture: 'amd64', sourcePackage: 'hello', sourceVersion: '1.0-1' },
    ]);
  });

  test('keeps owners and the bits of set-id programs', async () => {
    await run();
    expect(ostree('ls', 'debian/13/test', '/usr/bin')).toMatch(/-04755 0 0 .*\/su\n|-02755 0 42 /);
    expect(ostree('ls', 'debian/13/test', '/usr/bin/expiry')).toMatch(/^-02755 0 42 /);
    expect(ostree('ls', 'debian/13/test', '/usr/etc/shadow')).toMatch(/^-00640 0 42 /);
  });

  test('leaves the tree as it was, and nothing beside it', async () => {
    const root = makeTree(FILES).root;
    const before = listing(root);
    await runOn(root);
    expect(listing(root)).toEqual(before);
    expect(readdirSync(join(root, '..')).filter((n) => n.startsWith('aot-tmp.'))).toEqual([]);
  });

  test('is the same whatever the umask, the time zone, the order of files and the caches', async () => {
    const first = await run();
    const reversed = makeTree(Object.fromEntries(Object.entries(FILES).reverse())).root;
    const before = [process.umask(0o077), process.env['TZ']] as const;
    process.env['TZ'] = 'Pacific/Auckland';
    onTestFinished(() => {
      process.umask(before[0]);
      process.env['TZ'] = before[1];
    });
    rmSync(join(work, 'cache'), { recursive: true });
    const again = await runOn(reversed, { force: true, 'no-parent': true });
    expect(again.commit).toBe(first.commit);
  });

  test('goes to a repository of any mode', async () => {
    const checksums = new Set<string>();
    for (const mode of ['archive', 'bare-user', 'bare']) {
      const repo = join(work, mode);
      execFileSync('ostree', [`--repo=${repo}`, 'init', `--mode=${mode}`]);
      checksums.add((await run({ repo })).commit);
      execFileSync('ostree', [`--repo=${repo}`, 'fsck', '-q']);
    }
    expect(checksums.size).toBe(1);
  });

  test('without a ref is there all the same', async () => {
    const result = await run({}, { ref: undefined });
    expect(result.ref).toBeNull();
    expect(ostree('refs')).toBe('');
    expect(ostree('show', result.commit)).toContain(result.commit);
  });

  test('with --write-commitid-to leaves the ref alone', async () => {
    const file = join(work, 'id');
    const result = await run({ 'write-commitid-to': file });
    expect(readFileSync(file, 'utf8')).toBe(`${result.commit}\n`);
    expect(ostree('refs')).toBe('');
    expect(result.ref).toBeNull();
  });
});

describe('the commit before', () => {
  test('with the same inputs means: nothing is written', async () => {
    const first = await run();
    const second = await run({}, {}, { 'usr/other': 'x' });
    expect(second).toMatchObject({ unchanged: true, commit: first.commit, stats: null, timestamp: first.timestamp });
    expect(second.contentChecksum).toBe(first.contentChecksum);
  });

  test('with other inputs, or with --force, is the parent', async () => {
    const first = await run();
    const second = await run({}, { documentation: false });
    expect(second).toMatchObject({ unchanged: false, parent: first.commit });
    const third = await run({ force: true }, { documentation: false });
    expect(third).toMatchObject({ unchanged: false, parent: second.commit });
    expect(ostree('show', third.commit)).toContain(`Parent:  ${second.commit}`);
  });

  test('is not looked at with --no-parent; --parent names another; both are a mistake', async () => {
    const first = await run();
    expect(await run({ 'no-parent': true })).toMatchObject({ unchanged: false, parent: null });
    const other = await run({ parent: first.commit, ref: 'other', force: true });
    expect(other).toMatchObject({ parent: first.commit, ref: 'other' });
    await expect(run({ parent: 'x', 'no-parent': true })).rejects.toMatchObject({ exit: 64 });
    await expect(run({ parent: 'nowhere' })).rejects.toMatchObject({ exit: 66 });
  });

  test('gives the number to count on from', async () => {
    const prefix = { 'automatic-version-prefix': '13' };
    expect((await run({}, prefix)).version).toBe('13');
    expect((await run({ force: true }, prefix)).version).toBe('13.1');
    expect((await run({ force: true, 'previous-version': '13.7' }, prefix)).version).toBe('13.8');
    expect((await run({ force: true, 'commit-version': 'x' }, prefix)).version).toBe('x');
    expect(ostree('show', '--print-metadata-key=version', 'debian/13/test').trim()).toBe("'x'");
  });

  test('holds the numbers of its users', async () => {
    const full = { container: true, ref: 'a' };
    await run({}, full);
    const kernel = { 'boot/vmlinuz-1': 'k', 'usr/lib/modules/1/modules.dep.bin': '' };
    const host = { ref: 'a', container: false, 'no-initramfs': true };
    const moved = { ...kernel, 'etc/group': GROUP.replace('sudo:x:27', 'sudo:x:30') };
    await expect(run({}, host, moved)).rejects.toThrow(/group 'sudo' was 27 and is 30/);
    expect(await run({}, host, kernel)).toMatchObject({ unchanged: false });
    expect(ostree('show', '--print-metadata-key=ostree.linux', 'a').trim()).toBe("'1'");
  });
});

describe('layers', () => {
  function layer(name: string, files: Record<string, Spec>) {
    if (!existsSync(join(work, 'repo'))) ostree('init', '--mode=bare');
    ostree('commit', `--branch=${name}`, `--tree=dir=${makeTree(files).root}`);
  }

  test('are put over the packages, defaults for /etc too', async () => {
    layer('extra', { 'usr/share/extra': 'x', 'usr/etc/extra.conf': 'y' });
    await run({}, { 'ostree-layers': ['extra'] });
    expect(ostree('cat', 'debian/13/test', '/usr/share/extra')).toBe('x');
    expect(ostree('cat', 'debian/13/test', '/usr/etc/extra.conf')).toBe('y');
  });

  test('a path with another content is a conflict, unless the layer overrides', async () => {
    layer('extra', { 'usr/bin/su': { text: 'other', mode: 0o755 } });
    await expect(run({}, { 'ostree-layers': ['extra'] })).rejects.toMatchObject({ exit: 1, code: 'layer-conflict' });
    await run({}, { 'ostree-override-layers': ['extra'] });
    expect(ostree('cat', 'debian/13/test', '/usr/bin/su')).toBe('other');
  });

  test('are copied where the cache is on another file system than the tree', async () => {
    const cachedir = mkdtempSync('/dev/shm/aot-test-');
    onTestFinished(() => rmSync(cachedir, { recursive: true }));
    expect(statSync(cachedir).dev).not.toBe(statSync(work).dev);
    const files = { 'usr/share/extra': { text: 'x', mode: 0o640, gid: 8 }, 'usr/bin/su': FILES['usr/bin/su'] as Spec };
    layer('extra', { ...files, 'usr/etc/extra.conf': 'y', 'usr/link': { link: 'share/extra' } });
    const layered = { 'ostree-layers': ['extra'] };
    const linked = await run({}, layered);
    const copied = await run({ cachedir, force: true, 'no-parent': true }, layered);
    expect(copied.commit).toBe(linked.commit);
    layer('extra', { 'usr/bin/su': { text: 'other', mode: 0o755 } });
    await expect(run({ cachedir }, layered)).rejects.toMatchObject({
      code: 'layer-conflict',
      message: "cannot put layer 'extra' over the packages: '/usr/bin/su' is there already",
    });
    await run({ cachedir }, { 'ostree-override-layers': ['extra'] });
    expect(ostree('cat', 'debian/13/test', '/usr/bin/su')).toBe('other');
  });

  test('a layer that moved is another input; one that is not there is named', async () => {
    layer('extra', { 'usr/share/extra': 'x' });
    const layered = { 'ostree-layers': ['extra'] };
    const first = await run({}, layered);
    expect(await run({}, layered)).toMatchObject({ unchanged: true });
    layer('extra', { 'usr/share/extra': 'changed' });
    expect(await run({}, layered)).toMatchObject({ unchanged: false, parent: first.commit });
    await expect(run({}, { 'ostree-layers': ['gone'] })).rejects.toThrow(/cannot find layer 'gone'/);
  });
});

describe('signatures', () => {
  test('of GPG are in the detached metadata and leave the checksum alone', async () => {
    const home = join(work, 'gpg');
    mkdirSync(home, { mode: 0o700 });
    const gpg = (...args: string[]) => execFileSync('gpg', ['--homedir', home, '--batch', ...args], { stdio: 'pipe' });
    gpg('--passphrase', '', '--quick-generate-key', 'Test <test@example.org>', 'ed25519', 'sign', 'never');
    onTestFinished(() => {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    });
    const key = /fpr:+([0-9A-F]{40}):/.exec(String(gpg('--with-colons', '--list-keys')))?.[1] as string;
    const signed = await run({ 'gpg-sign': [key], 'gpg-homedir': home });
    writeFileSync(join(work, 'trusted.gpg'), gpg('--export', key));
    ostree('remote', 'add', '--gpg-import', join(work, 'trusted.gpg'), 'r', 'file:///nowhere');
    expect(ostree('show', '--gpg-verify-remote=r', signed.commit)).toMatch(/Good signature/);
    expect((await run({ force: true, 'no-parent': true })).commit).toBe(signed.commit);
  });

  test('of ed25519 are refused where libostree cannot make them, before anything is written', async () => {
    const able = execFileSync('ostree', ['--version'], { encoding: 'utf8' }).includes('sign-ed25519');
    expect(able).toBe(false); // Debian 12 and 13
    await expect(run({ 'sign-ed25519': 'key' })).rejects.toMatchObject({ exit: 71, code: 'no-ed25519' });
    expect(existsSync(join(work, 'repo'))).toBe(false);
  });

  test('with repo-metadata: detached the indices are beside the commit', async () => {
    const { commit: name } = await run({}, { 'repo-metadata': 'detached' });
    expect(ostree('show', '--print-detached-metadata-key=aptostree.indices', name)).toContain("'debian'");
    ostree('fsck', '-q');
  });
});

describe('what is refused', () => {
  test('a tree that is not configured, or not there', async () => {
    const root = makeTree(FILES).root;
    const unpacked = { ...manifest(TREEFILE), rootfs: root, state: 'unpacked' as const };
    const context = { readManifest: async () => unpacked } as unknown as Context;
    const args = { repo: join(work, 'repo') } as CommitArgs;
    await expect(commit(args, context)).rejects.toMatchObject({ exit: 65, hint: 'run aot-sandbox first' });
    await expect(runOn(join(work, 'nowhere'))).rejects.toMatchObject({ exit: 66 });
    await expect(runOn(work)).rejects.toMatchObject({ exit: 65, code: 'no-tree' });
  });

  test('no --repo', async () => {
    await expect(run({ repo: undefined as never })).rejects.toMatchObject({ exit: 64 });
  });

  test('a repository that is broken, or cannot be made', async () => {
    const repo = join(work, 'broken');
    mkdirSync(repo);
    writeFileSync(join(repo, 'config'), '[core]\n');
    await expect(run({ repo })).rejects.toMatchObject({ exit: 65, code: 'broken-repository' });
    writeFileSync(join(work, 'file'), '');
    await expect(run({ repo: join(work, 'file/repo') })).rejects.toMatchObject({ exit: 73 });
  });

  test('a tree that an earlier run left half changed', async () => {
    const root = join(work, 'root');
    renameSync(makeTree(FILES).root, root);
    await expect(
      markedWhile(root, async () => {
        throw new Error('cut short');
      }),
    ).rejects.toThrow('cut short');
    await expect(runOn(root)).rejects.toMatchObject({ exit: 65, code: 'half-applied' });
  });

  test('an unknown path in /var with --strict-var, before there is an initramfs', async () => {
    const root = makeTree({ ...FILES, ...KERNEL, 'var/lib/unheard-of': '' }).root;
    const host = { container: false, 'check-passwd': { type: 'none' } };
    await expect(runOn(root, { 'strict-var': true }, host)).rejects.toMatchObject({ code: 'unclassified-var' });
    await expect(runOn(root, {}, host)).rejects.toMatchObject({ code: 'no-dracut' });
  });

  test('and then the ref is what it was, and nothing is left behind', async () => {
    const first = await run();
    const root = makeTree({ ...FILES, 'var/lib/unheard-of': '' }).root;
    await expect(runOn(root, { 'strict-var': true, force: true })).rejects.toMatchObject({
      exit: 1,
      code: 'unclassified-var',
    });
    expect(ostree('rev-parse', 'debian/13/test').trim()).toBe(first.commit);
    expect(readdirSync(join(root, '..')).filter((n) => n.startsWith('aot-tmp.'))).toEqual([]);
  });
});
