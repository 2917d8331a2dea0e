import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { fullDisk, signingHome, signingKey, type ToolOptions, tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { CACHE } from '../lib/checkout.ts';
import { commitChange } from '../lib/next-commit.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { removeTrees } from '../lib/remove-trees.ts';
import { scratch } from '../lib/scratch.ts';
import { type Entry, snapshot } from '../lib/snapshot.ts';

const REF = 'debian/13/amd64/server';
const directory = scratch('image-export');
const at = (name: string): string => join(directory, name);

let tree: RealTree;
let plain: ImageManifest;
const commit = () => tree.commit.commit;
beforeAll(async () => {
  tree = await realTree('docs/examples/server.yaml');
  plain = await exported(['--repo', tree.repo, '--ref', commit(), '--output', `oci:${at('plain')}:13`]);
});

/** What no later test looks at goes early: the images of a server are large. */
const spent = (...names: string[]) => removeTrees(...names.map(at));

/** Layers that are not compressed are large, and in no other test. */
const OWN_CACHE = ['--cachedir', at('cache')];

const aot = (args: readonly string[], options: ToolOptions = {}) =>
  tool('aot-ociexport', ['--quiet', ...args], { timeout: 600_000, ...options });

async function exported(args: readonly string[], options: ToolOptions = {}): Promise<ImageManifest> {
  const cache = args.includes('--cachedir') ? [] : ['--cachedir', CACHE];
  const { code, stdout, stderr } = await aot([...args, ...cache], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const blob = (layout: string, digest: string): string => join(layout, 'blobs/sha256', digest.slice('sha256:'.length));
const document = (layout: string, digest: string) => JSON.parse(readFileSync(blob(layout, digest), 'utf8'));

/** All layers over each other, as tar has it. */
async function unpacked(image: ImageManifest, layout: string, name: string): Promise<string> {
  const root = at(name);
  mkdirSync(root);
  for (const { digest } of image.layers)
    await run('tar', ['--xattrs', '--xattrs-include=*', '-C', root, '-xpf', blob(layout, digest)]);
  return root;
}

/** The tree of the commit, under the names of an image. */
async function checkedOut(name: string): Promise<Map<string, Entry>> {
  await run('ostree', ['checkout', `--repo=${tree.repo}`, commit(), at(name)]);
  const entries = await snapshot(at(name));
  return new Map([...entries].map(([path, entry]) => [path.replace(/^\/usr\/etc(?=\/|$)/, '/etc'), entry]));
}

const byPath = (entries: Map<string, Entry>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Another umask, locale, time zone, home and directory. */
const elsewhere = (): ToolOptions => ({
  cwd: '/',
  prefix: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
  env: { LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Auckland', HOME: at('nowhere') },
});

describe('a plain image', () => {
  it('says what it is, and what each layer holds', () => {
    const manifest = document(at('plain'), plain.digest);
    const config = document(at('plain'), plain.configDigest);
    expect(config).toMatchObject({
      architecture: tree.commit.architecture,
      os: 'linux',
      created: new Date(tree.commit.timestamp * 1000).toISOString().replace('.000', ''),
      config: {
        Cmd: ['/sbin/init'],
        StopSignal: 'SIGRTMIN+3',
        Labels: { 'containers.bootc': '1', 'io.github.apt-ostree.inputhash': tree.commit.inputHash },
      },
    });
    expect(config.rootfs.diff_ids).toEqual(plain.layers.map((l) => l.diffId));
    expect(config.history).toHaveLength(plain.layers.length);
    const named = manifest.layers.flatMap((l: { annotations: Record<string, string> }) =>
      (l.annotations['io.github.apt-ostree.packages'] as string).split(',').filter((name) => name !== ''),
    );
    const sources = [...new Set(tree.commit.packages.map((p) => p.sourcePackage))];
    expect(named.sort()).toEqual(sources.sort());
    const groups = manifest.layers.map(
      (l: { annotations: Record<string, string> }) => l.annotations['io.github.apt-ostree.group'],
    );
    expect(groups.slice(-3)).toEqual(['unpackaged', 'initramfs', 'package-database']);
    expect(manifest.annotations['io.github.apt-ostree.compressor']).toMatch(/^gzip-6, zlib /);
  });

  it('is the same whatever the cache, umask, locale, time zone, directory and mode of the repository', async () => {
    const archive = at('archive');
    await run('ostree', ['init', `--repo=${archive}`, '--mode=archive']);
    await run('ostree', ['pull-local', `--repo=${archive}`, tree.repo, commit()]);
    const args = ['--repo', archive, '--ref', commit(), '--cachedir', at('other-cache')];
    const other = await exported([...args, '--output', `oci:${at('other')}:13`], elsewhere());
    expect(other.digest).toBe(plain.digest);
    await spent('archive', 'other', 'other-cache');
  });

  it('is not compressed again where nothing changed', async () => {
    const again = await exported(['--repo', tree.repo, '--ref', commit(), '--output', `oci:${at('again')}:13`]);
    expect(again.digest).toBe(plain.digest);
    expect(again.layers.every((l) => l.reused)).toBe(true);
    await spent('again');
  });

  it('of a tree with one package updated has few other layers', async () => {
    const { stdout: status } = await run('ostree', [
      'cat',
      `--repo=${tree.repo}`,
      REF,
      '/usr/lib/sysimage/dpkg/status',
    ]);
    const updated = await commitChange(tree.repo, REF, {
      files: {
        'usr/bin/less': { text: `another less, ${Date.now()}`, mode: 0o755 }, // in no cache
        'usr/lib/sysimage/dpkg/status': status.replace(
          /^(Package: less\n(?:.+\n)*?Version: .*)$/m,
          `$1+deb13u${Date.now()}`,
        ),
      },
    });
    const next = await exported(['--repo', tree.repo, '--ref', updated, '--output', `oci:${at('plain')}:13.1`]);
    const before = new Set(plain.layers.map((l) => l.digest));
    const changed = next.layers.filter((l) => !before.has(l.digest));
    expect(changed.map((l) => l.packages.includes('less'))).toContain(true);
    expect(changed.length).toBeLessThanOrEqual(4);
    const bytes = changed.reduce((sum, l) => sum + l.size, 0);
    expect(bytes / next.size).toBeLessThan(0.15);
    expect(next.layers.filter((l) => !l.reused).map((l) => l.digest)).toEqual(changed.map((l) => l.digest));
    const tags = JSON.parse(readFileSync(at('plain/index.json'), 'utf8')).manifests.map(
      (m: { annotations: Record<string, string> }) => m.annotations['org.opencontainers.image.ref.name'],
    );
    expect(tags.sort()).toEqual(['13', '13.1']);
  });

  it('has the packages where an earlier image has them', async () => {
    const few = ['--repo', tree.repo, '--ref', commit(), '--max-layers', '8', '--compression', 'none', ...OWN_CACHE];
    const fewer = await exported([...few, '--output', `oci:${at('few')}:1`]);
    expect(fewer.layers.length).toBeLessThanOrEqual(8);
    const more = few.with(5, '64');
    const kept = await exported([...more, '--previous', `oci:${at('few')}:1`, '--output', `oci:${at('few')}:2`]);
    expect(kept.layers.map((l) => l.digest)).toEqual(fewer.layers.map((l) => l.digest));
    writeFileSync(at('manifest.json'), readFileSync(blob(at('few'), fewer.digest)));
    const fromFile = await exported([...more, '--previous', at('manifest.json'), '--output', `oci:${at('few')}:3`]);
    expect(fromFile.digest).toBe(kept.digest);
    await spent('few');
  });

  it('carries what the user adds, and leaves the layers alone', async () => {
    const config = at('config.json');
    writeFileSync(
      config,
      JSON.stringify({ config: { Env: ['A=b'], User: 'nobody', Labels: { base: 'x', mine: 'no' } } }),
    );
    const image = await exported([
      ...['--repo', tree.repo, '--ref', commit(), '--output', `oci:${at('plain')}:mine`],
      ...['--label', 'mine=yes=really', '--annotation', 'note=1', '--cmd', '/bin/sh', '--cmd', '-l'],
      ...['--image-config', config, '--copymeta', 'ostree.linux', '--copymeta-opt', 'nothing'],
    ]);
    expect(document(at('plain'), image.configDigest).config).toMatchObject({
      Env: ['A=b'],
      User: 'nobody',
      Cmd: ['/bin/sh', '-l'],
      Labels: { base: 'x', mine: 'yes=really', 'ostree.linux': expect.any(String) },
    });
    expect(document(at('plain'), image.digest).annotations).toMatchObject({ note: '1', mine: 'yes=really' });
    expect(image.layers.map((l) => l.diffId)).toEqual(plain.layers.map((l) => l.diffId));
  });

  it('is taken from the commit that is read', async () => {
    const stdin = JSON.stringify(tree.commit);
    const image = await exported(['--output', `oci:${at('plain')}:read`], { stdin });
    expect(image.digest).toBe(plain.digest);
  });
});

describe('an encapsulated image', () => {
  let image: ImageManifest;
  let root: string;
  beforeAll(async () => {
    const repo = at('signed');
    await run('cp', ['-al', tree.repo, repo]);
    const key = await signingKey();
    await run('ostree', ['gpg-sign', `--repo=${repo}`, `--gpg-homedir=${signingHome()}`, commit(), key.fingerprint]);
    const args = ['--repo', repo, '--ref', commit(), '--format', 'encapsulated', '--compression', 'none', ...OWN_CACHE];
    image = await exported([...args, '--output', `oci:${at('encapsulated')}:13`]);
    root = await unpacked(image, at('encapsulated'), 'encapsulated-root');
  });

  it('has a repository that ostree finds whole, with the very commit and its signature', async () => {
    const repo = join(root, 'sysroot/ostree/repo');
    const { stdout } = await run('ostree', ['fsck', `--repo=${repo}`]);
    expect(stdout).toContain('object fsck of 1 commits completed successfully');
    const copy = at('pulled');
    await run('ostree', ['init', `--repo=${copy}`, '--mode=bare']);
    await run('ostree', ['pull-local', `--repo=${copy}`, repo, commit()]);
    await run('ostree', ['fsck', `--repo=${copy}`]);
    const shown = await run('ostree', ['show', `--repo=${copy}`, `--gpg-homedir=${signingHome()}`, commit()]);
    expect(shown.stdout).toContain('Found 1 signature');
    await spent('pulled');
  });

  it('is the same from elsewhere, with another cache', async () => {
    const args = ['--repo', at('signed'), '--ref', commit(), '--format', 'encapsulated', '--compression', 'none'];
    const output = ['--cachedir', at('third-cache'), '--output', `oci:${at('encapsulated-again')}:13`];
    expect((await exported([...args, ...output], elsewhere())).digest).toBe(image.digest);
    await spent('third-cache', 'encapsulated-again');
  });

  it('shows the tree beside it', async () => {
    const ours = await snapshot(root, (path) => path === '/sysroot');
    const expected = await checkedOut('checkout');
    expected.delete('/sysroot');
    expect(byPath(ours)).toEqual(byPath(expected));
    await spent('checkout', 'encapsulated-root');
  });

  it('says where the commit is', () => {
    const labels = document(at('encapsulated'), image.configDigest).config.Labels;
    expect(labels).toMatchObject({
      'containers.bootc': '1',
      'ostree.bootable': 'true',
      'ostree.commit': commit(),
      'ostree.final-diffid': image.layers.at(-1)?.diffId,
    });
    const [first, ...others] = document(at('encapsulated'), image.digest).layers;
    expect(first.annotations['ostree.components']).toBe('');
    expect(others.some((l: { annotations: Record<string, string> }) => l.annotations['ostree.components'] !== '')).toBe(
      true,
    );
  });
});

describe('what cannot be is refused', () => {
  const good = () => ['--repo', tree.repo, '--ref', commit(), '--cachedir', CACHE];

  it.each([
    [['--output', 'nowhere'], 64, /it names no transport/],
    [['--output', 'oci:x', '--label', 'x'], 64, /option '--label' cannot be 'x'/],
    [['--output', 'oci:x', '--max-layers', 'many'], 64, /option '--max-layers' cannot be 'many'/],
    [['--output', 'oci:x', '--max-layers', '2'], 64, /cannot make an image of '2' layers/],
    [['--output', 'oci:x', '--arch', 'vax'], 64, /images have no name for it/],
    [['--output', 'oci:x', '--sign-by', 'key'], 64, /signatures are kept in registries/],
    [['--output', 'registry:x/y', '--sbom', 'spdx', '--transport', 'skopeo'], 64, /skopeo copies images alone/],
    [['--output', 'docker-archive:x', '--compression', 'zstd'], 64, /docker does not read it/],
    [['--output', 'oci:x', '--copymeta', 'nothing'], 65, /has no such member/],
    [['--output', 'oci:x', '--previous', 'nothing.json'], 66, /no such file/],
    [['--output', 'oci:x', '--image-config', '/dev/null'], 65, /not one JSON object/],
    [[], 64, /option '--output' must be given/],
  ] as const)('%j', async (args, exit, message) => {
    const { code, stdout, stderr } = await aot([...good(), ...args], { cwd: directory });
    expect(code).toBe(exit);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(existsSync(at('x/index.json'))).toBe(false);
  });

  it('a revision, or a repository, that is not there', async () => {
    const no = await aot(['--repo', tree.repo, '--ref', 'no/such', '--output', 'oci:x'], { cwd: directory });
    expect(no).toMatchObject({ code: 66, stderr: expect.stringContaining("cannot find 'no/such'") });
    const none = await aot(['--repo', at('none'), '--ref', REF, '--output', 'oci:x'], { cwd: directory });
    expect(none).toMatchObject({ code: 66, stderr: expect.stringContaining('no OSTree repository') });
  });

  it('a commit without packages', async () => {
    const repo = at('empty-repo');
    mkdirSync(at('empty-tree'));
    await run('ostree', ['init', `--repo=${repo}`, '--mode=archive']);
    await run('ostree', ['commit', `--repo=${repo}`, `--tree=dir=${at('empty-tree')}`, '--branch=empty']);
    const { code, stderr } = await aot(['--repo', repo, '--ref', 'empty', '--output', 'oci:x'], { cwd: directory });
    expect({ code, stderr }).toEqual({ code: 65, stderr: expect.stringContaining('it has no dpkg database') });
  });

  it('a damaged file: nothing is published', async () => {
    const repo = at('damaged');
    await run('cp', ['-al', tree.repo, repo]);
    const { stdout } = await run('ostree', ['ls', `--repo=${repo}`, '--checksum', commit(), '/usr/bin/vim.tiny']);
    const object = /[0-9a-f]{64}/.exec(stdout)?.[0] as string;
    const file = join(repo, 'objects', object.slice(0, 2), `${object.slice(2)}.file`);
    const bytes = readFileSync(file);
    bytes[1000] = 255 - (bytes[1000] as number);
    rmSync(file);
    writeFileSync(file, bytes, { mode: 0o755 });
    const args = ['--repo', repo, '--ref', commit(), '--output', `oci:${at('of-damaged')}`];
    const { code, stderr } = await aot([...args, '--cachedir', at('damaged-cache'), '--compression', 'none']);
    expect({ code, stderr }).toEqual({
      code: 65,
      stderr: expect.stringContaining(`cannot use the object '${object}'`),
    });
    expect(existsSync(at('of-damaged/index.json'))).toBe(false);
    expect(readdirSync(at('damaged-cache/tmp'))).toEqual([]);
  });

  it.each(['cache', 'layout'])('a full disk below the %s leaves nothing half-written', async (which) => {
    const disk = await fullDisk(60);
    try {
      const on = (name: string) => (which === name ? join(disk.path, name) : at(`roomy-${name}`));
      const args = ['--repo', tree.repo, '--ref', commit(), '--output', `oci:${on('layout')}`];
      const all = [...args, '--cachedir', on('cache'), '--compression', 'none'];
      const { code, stderr } = await aot(all, { prefix: disk.prefix });
      expect({ code, stderr }).toEqual({ code: 74, stderr: expect.stringContaining('no space left on device') });
      expect(existsSync(join(which === 'layout' ? disk.outside : directory, 'layout/index.json'))).toBe(false);
      expect(existsSync(at('roomy-layout/index.json'))).toBe(false);
      const rest =
        which === 'cache' ? readdirSync(join(disk.outside, 'cache/tmp')) : readdirSync(join(disk.outside, 'layout'));
      expect(rest.filter((name) => name !== 'blobs')).toEqual([]);
    } finally {
      await disk.close();
    }
  });
});
