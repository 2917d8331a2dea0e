import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from '@apt-ostree/run';
import { imageLayout, tool } from '@apt-ostree/testkit';
import { answer, fakeRegistry } from '@apt-ostree/testkit/fake-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REF, type SmallWorld, smallWorld } from '../lib/small-world.ts';
import { snapshot } from '../lib/snapshot.ts';

// The commands of compose that write images, on a tree of a few packages.

let world: SmallWorld;
beforeAll(async () => {
  world = await smallWorld('compose-image');
});
afterAll(() => world?.server.close());

const at = (name: string): string => join(world.directory, name);
const compose = (...args: string[]) => tool('apt-ostree', ['compose', ...args, '--quiet'], { cwd: world.directory });
const image = (...args: string[]) => compose('image', '--cachedir', world.cachedir, ...args);

/** The labels of the image of a tag in a layout, and how many layers it has. */
function read(layout: string, tag?: string) {
  const document = (digest: string) =>
    JSON.parse(readFileSync(join(at(layout), 'blobs/sha256', digest.slice(7)), 'utf8'));
  const index = JSON.parse(readFileSync(join(at(layout), 'index.json'), 'utf8'));
  const found = index.manifests.find(
    (m: { annotations?: Record<string, string> }) => m.annotations?.['org.opencontainers.image.ref.name'] === tag,
  );
  const manifest = document(found.digest);
  return { digest: found.digest, manifest, config: document(manifest.config.digest) };
}

/** Layers over each other, as tar has it. */
async function unpack(layout: string, tag: string | undefined, root: string): Promise<void> {
  mkdirSync(root);
  for (const { digest } of read(layout, tag).manifest.layers)
    await run('tar', ['-C', root, '-xpf', join(at(layout), 'blobs/sha256', digest.slice(7))]);
}

describe('compose image', () => {
  it('wants an image where it must not make the first one', async () => {
    const { code, stderr, stdout } = await image(
      '--format',
      'oci',
      '--initialize-mode',
      'never',
      'small.yaml',
      'image',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: cannot find the image 'image'\nhint: --initialize makes the first one/);
  });

  it('composes nothing where the registry cannot be asked', async () => {
    const registry = await fakeRegistry((_, response) => answer(response, 401, { 'www-authenticate': 'Basic' }));
    for (const [option, why] of [
      ['--authfile', `cannot read logins from '${at('none')}'`],
      ['--cert-dir', `cannot read certificates from '${at('none')}'`],
    ] as const) {
      const to = ['--format', 'registry', option, at('none'), 'small.yaml', `${registry.host}/os:1`];
      const { code, stderr, stdout } = await image(...to);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(why);
    }
    expect(registry.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('makes the image, a lockfile, and says so', async () => {
    const more = ['--write-lockfile-to', 'lock.json', '--touch-if-changed', 'touched', '--label', 'a=b'];
    const { code, stderr, stdout } = await image('--format', 'oci', ...more, 'small.yaml', 'image');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { digest, config } = read('image');
    expect(stdout).toMatch(new RegExp(`^Input state hash: [0-9a-f]{64}\noci:image => ${digest}\n$`));
    expect(config.config.Labels).toMatchObject({ a: 'b', 'containers.bootc': '1' });
    expect(JSON.parse(readFileSync(at('lock.json'), 'utf8')).kind).toBe('aot.packages/v1');
    expect(existsSync(at('touched'))).toBe(true);
  });

  it('writes nothing when nothing changed', async () => {
    rmSync(at('touched'));
    const before = read('image').digest;
    const { code, stdout } = await image('--format', 'oci', '--touch-if-changed', 'touched', 'small.yaml', 'image');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nNo apparent changes since previous image; use --force-nocache to override\n$/);
    expect(read('image').digest).toBe(before);
    expect(existsSync(at('touched'))).toBe(false);
  });

  it('writes another when the treefile changed, and with --initialize always', async () => {
    const { config } = read('image');
    world.vary('second');
    const changed = await image('--format', 'oci', '--initialize-mode', 'never', 'small.yaml', 'image');
    expect(changed).toMatchObject({ code: 0, stdout: expect.stringContaining('oci:image => ') });
    const after = read('image').config;
    expect(after.rootfs).not.toEqual(config.rootfs);
    const again = await image('--format', 'oci', '-i', '--encapsulated', 'small.yaml', 'image');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('oci:image => ') });
    expect(read('image').config.config.Labels['ostree.commit']).toMatch(/^[0-9a-f]{64}$/);
  });

  it('writes an archive unless told otherwise, under its other name too', async () => {
    const made = await compose('build-image', '--cachedir', world.cachedir, 'small.yaml', 'image.ociarchive');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('oci-archive:image.ociarchive => sha256:') });
    const { stdout } = await run('tar', ['-tf', at('image.ociarchive')]);
    expect(stdout).toMatch(/^(\.\/)?index\.json$/m);
  });

  it('says what is wrong, and ends with 1', async () => {
    const bad = await image('--format', 'registry', 'small.yaml', 'no registry');
    expect(bad).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('it names no registry') });
    const layers = await image('--format', 'oci', '--max-layers', '1', 'small.yaml', 'nothing');
    expect(layers).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining("an image of '1' layers") });
    expect(existsSync(at('nothing/index.json'))).toBe(false);
  });
});

describe('compose tree --container', () => {
  it('makes commit and image, also when the commit is there', async () => {
    const both = [...world.argv().slice(1), '--container', 'oci:both:1'];
    const first = await compose(...both.filter((word) => word !== '--quiet'));
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`${REF} => .*\noci:both:1 => sha256:`)),
    });
    const { digest } = read('both', '1');
    rmSync(at('both'), { recursive: true });
    const args = ['tree', '--repo', world.repo, '--cachedir', world.cachedir, world.treefile];
    const second = await compose(...args, '--container', 'oci:both:1');
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('No apparent changes') });
    expect(read('both', '1').digest).toBe(digest);
  });
});

describe('compose build-chunked-oci', () => {
  beforeAll(async () => {
    const checkedOut = ['commit-to-container-rootfs', '--repo', world.repo, REF, at('rootfs')];
    const { code, stderr } = await tool('apt-ostree', ['experimental', 'compose', ...checkedOut]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
  const chunked = (...args: string[]) => compose('build-chunked-oci', '--cachedir', world.cachedir, ...args);

  it('divides a directory into layers that unpack to it', async () => {
    const made = await chunked('--bootc', '--rootfs', 'rootfs', '--reference', 'v1', '--output', 'oci:chunked');
    expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('oci:chunked:v1 => sha256:') });
    await unpack('chunked', 'v1', at('unpacked'));
    expect(await snapshot(at('unpacked'))).toEqual(await snapshot(at('rootfs')));
  });

  it('keeps it as a commit that can be deployed, where a version of that format is named', async () => {
    const args = ['--bootc', '--rootfs', 'rootfs', '--format-version', '2', '--output', 'oci:kept:v1'];
    expect(await chunked(...args)).toMatchObject({ code: 0, stderr: '' });
    await unpack('kept', 'v1', at('kept-root'));
    const repo = join(at('kept-root'), 'sysroot/ostree/repo');
    await run('ostree', ['fsck', `--repo=${repo}`]);
    const commit = read('kept', 'v1').config.config.Labels['ostree.commit'];
    const { stdout } = await run('ostree', ['ls', `--repo=${repo}`, commit, '/', '/usr/etc/one.conf']);
    expect(stdout).not.toMatch(/ \/etc$/m);
    expect(await snapshot(at('kept-root'), (path) => path === '/sysroot')).toEqual(
      await snapshot(at('rootfs'), (path) => path === '/sysroot'),
    );
  });

  it('divides an image that was built upon one, and keeps how it is run', async () => {
    const { manifest: kept, config } = read('kept', 'v1');
    const blobs = join(at('kept'), 'blobs/sha256');
    const layers = kept.layers.map(({ digest }: { digest: string }) =>
      gunzipSync(readFileSync(join(blobs, digest.slice('sha256:'.length)))),
    );
    const step = [
      { name: 'usr/share/derived', content: 'by somebody else\n' },
      { name: 'usr/share/.wh.three', content: '' },
    ];
    const Labels = { ...config.config.Labels, 'org.example': 'x' };
    const settings = { Env: ['A=b'], Cmd: ['/bin/serve', '-v'], User: 'nobody', Domainname: '', Labels };
    await imageLayout(at('derived'), {
      layers: [...layers, step],
      edit: (image) => Object.assign(image.config, { config: settings }),
    });
    const args = ['--bootc', '--from', 'oci:derived', '--label', 'own=y', '--output', 'oci:rechunked'];
    expect(await chunked(...args)).toMatchObject({ code: 0, stderr: '' });
    const { config: made, manifest: divided } = read('rechunked', 'latest');
    expect(made.config).toMatchObject({ Env: ['A=b'], Cmd: ['/bin/serve', '-v'], User: 'nobody' });
    expect(made.config.Labels).toMatchObject({ 'org.example': 'x', own: 'y', 'containers.bootc': '1' });
    expect(made.config.Labels).not.toHaveProperty(['ostree.commit']);
    expect(JSON.stringify(divided.layers)).toContain('with-postinst');
    await unpack('rechunked', 'latest', at('rechunked-root'));
    const [tree, original] = [await snapshot(at('rechunked-root')), await snapshot(at('rootfs'))];
    expect(readFileSync(at('rechunked-root/usr/share/derived'), 'utf8')).toBe('by somebody else\n');
    tree.delete('/usr/share/derived');
    original.delete('/usr/share/three');
    expect(tree).toEqual(original);
  });

  describe('files that ask for a layer of their own, by user.component', () => {
    const blobsOf = (layout: string) =>
      read(layout, 'latest').manifest.layers.map((layer: { digest: string; annotations: Record<string, string> }) => ({
        group: layer.annotations['io.github.apt-ostree.group'],
        archive: gunzipSync(readFileSync(join(at(layout), 'blobs/sha256', layer.digest.slice(7)))),
      })) as { group: string; archive: Buffer }[];
    /** Names in the layers that were asked for, without directories and the inside of a repository. */
    async function components(layout: string): Promise<Record<string, string[]>> {
      const found: Record<string, string[]> = {};
      for (const { group, archive } of blobsOf(layout)) {
        expect(archive.includes('user.component')).toBe(false);
        if (!group.startsWith('component-')) continue;
        const { stdout } = await run('tar', ['-t'], { input: archive });
        found[group] = stdout.split('\n').filter((name) => name !== '' && !/\/$|^sysroot/.test(name));
      }
      return found;
    }
    const ASKED = {
      'component-data': ['usr/share/two/file'],
      'component-settings': ['etc/one.conf'],
    };
    beforeAll(async () => {
      await run('cp', ['--archive', at('rootfs'), at('marked')]);
      await run('setfattr', ['-n', 'user.component', '-v', 'data', at('marked/usr/share/two')]);
      await run('setfattr', ['-n', 'user.component', '-v', 'settings', at('marked/etc/one.conf')]);
      await run('setfattr', ['-n', 'user.other', '-v', 'kept', at('marked/etc/one.conf')]);
    });

    it('have it, and the attribute is not in the image', async () => {
      const args = ['--bootc', '--rootfs', 'marked', '--output', 'oci:marked-plain'];
      expect(await chunked(...args)).toMatchObject({ code: 0, stderr: '' });
      expect(await components('marked-plain')).toEqual(ASKED);
      await unpack('marked-plain', 'latest', at('marked-plain-root'));
      expect(await snapshot(at('marked-plain-root'))).toEqual(await snapshot(at('rootfs')));
      expect(blobsOf('marked-plain').some(({ archive }) => archive.includes('user.other=kept'))).toBe(true);
    });

    it('also where the image has the commit', async () => {
      const args = ['--bootc', '--rootfs', 'marked', '--format-version', '2', '--output', 'oci:marked-kept'];
      expect(await chunked(...args)).toMatchObject({ code: 0, stderr: '' });
      expect(await components('marked-kept')).toEqual(ASKED);
      await unpack('marked-kept', 'latest', at('marked-kept-root'));
      await run('ostree', ['fsck', `--repo=${join(at('marked-kept-root'), 'sysroot/ostree/repo')}`]);
    });

    it('and in an image that somebody built', async () => {
      const layers = blobsOf('marked-plain').map(({ archive }) => archive);
      const file = { name: 'usr/share/theirs', content: 'x', pax: { 'SCHILY.xattr.user.component': 'theirs' } };
      await imageLayout(at('theirs'), { layers: [...layers, [file]] });
      const args = ['--bootc', '--from', 'oci:theirs', '--output', 'oci:theirs-divided'];
      expect(await chunked(...args)).toMatchObject({ code: 0, stderr: '' });
      expect(await components('theirs-divided')).toEqual({ 'component-theirs': ['usr/share/theirs'] });
    });

    it('count for --max-layers, and have names', async () => {
      const args = ['--bootc', '--rootfs', 'marked', '--output', 'oci:x'];
      expect(await chunked(...args, '--max-layers', '5')).toMatchObject({
        ...{ code: 1, stdout: '' },
        stderr: expect.stringMatching(
          /cannot make an image of '5' layers: 2 components want one each\nhint: .* least 6/,
        ),
      });
      expect(await chunked(...args, '--max-layers', '6')).toMatchObject({ code: 0 });
      rmSync(at('x'), { recursive: true });
      await run('setfattr', ['-n', 'user.component', '-v', 'a,b', at('marked/etc/one.conf')]);
      const refused = await chunked(...args);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("'a,b' is no name of one") });
    });
  });

  it.each([
    [['--rootfs', 'rootfs', '--output', 'oci:x'], /option --bootc must be specified/],
    [['--bootc', '--rootfs', 'rootfs'], /option --output must be specified/],
    [['--bootc', '--output', 'oci:x'], /one of the options --rootfs and --from must be specified/],
    [['--bootc', '--rootfs', 'nowhere', '--output', 'oci:x'], /it has no dpkg database/],
    [['--bootc', '--rootfs', 'rootfs', '--output', 'oci:x', '--sign-commit', 'spki=/key'], /it takes ed25519=FILE/],
  ])('%j is refused', async (args, message) => {
    const { code, stdout, stderr } = await chunked(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync(at('x'))).toBe(false);
  });

  it('takes the tree where it is as its owner left it', async () => {
    writeFileSync(at('rootfs/tmp/left'), 'nobody wants it');
    const args = ['--bootc', '--rootfs', 'rootfs', '--reference', 'v2', '--output', 'oci:chunked'];
    expect(await chunked(...args)).toMatchObject({ code: 0 });
    expect(read('chunked', 'v2').digest).toBe(read('chunked', 'v1').digest);
  });
});
