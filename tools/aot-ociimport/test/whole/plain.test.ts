import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  collect,
  goArchitecture,
  type ImageSpec,
  imageLayout,
  type TarEntry,
  tar,
  temporary,
  tool,
} from '@apt-ostree/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';

const file = (name: string, content = name): TarEntry => ({ name, content });
const directory = (name: string, mode = 0o755): TarEntry => ({ name, type: 'directory', mode });

const STATUS = `Package: bash
Status: install ok installed
Architecture: amd64
Source: bash (5.2-0)
Version: 5.2-1

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
`;

const BASE: TarEntry[] = [
  directory('./'),
  ...['dev', 'etc', 'proc', 'run', 'sys', 'sysroot', 'tmp', 'usr', 'usr/bin', 'var'].map((d) => directory(`${d}/`)),
  { name: 'dev/null', type: 'character-device', devmajor: 1, devminor: 3 },
  file('tmp/left'),
  file('etc/issue', 'one\n'),
  { name: 'etc/hostname', content: '' },
  { name: 'usr/bin/su', content: 'su', mode: 0o4755, uid: 0, gid: 7 },
  { name: 'usr/bin/ping', content: 'ping', mode: 0o755, pax: { 'SCHILY.xattr.user.note': 'n=1' } },
  { name: 'usr/lib/modules/6.12/vmlinuz', content: 'kernel' },
  { name: 'usr/lib/sysimage/dpkg/status', content: STATUS },
];

interface World {
  dir: string;
  repo: string;
  ostree(...args: string[]): string;
  refs(): string[];
}

function world(): World {
  const dir = temporary(onTestFinished);
  const repo = join(dir, 'repo');
  const ostree = (...args: string[]) => execFileSync('ostree', [`--repo=${repo}`, ...args], { encoding: 'utf8' });
  const refs = () => (existsSync(repo) ? ostree('refs').split('\n').filter(Boolean).sort() : []);
  return { dir, repo, ostree, refs };
}

const importing = (w: World, reference: string, ...more: string[]) =>
  tool('aot-ociimport', [reference, '-q', '--repo', w.repo, '--ref', 'x', ...more]);

async function made(w: World, spec: ImageSpec, name = 'image') {
  return imageLayout(join(w.dir, name), spec);
}

describe('a plain image', () => {
  test('becomes a commit that ostree checks and lists', async () => {
    const w = world();
    const spec: ImageSpec = {
      layers: [BASE, [file('etc/issue', 'two\n'), { name: 'usr/bin/s2', type: 'link', linkname: 'usr/bin/su' }]],
      labels: { 'containers.bootc': '1', 'org.opencontainers.image.version': '13.1' },
      created: '2026-01-02T03:04:05Z',
    };
    const image = await made(w, spec);
    const result = await importing(w, image.reference);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const manifest = JSON.parse(result.stdout);
    expect(manifest).toMatchObject({
      kind: 'aot.commit/v1',
      ...{ treefile: null, inputHash: null, ref: 'x', unchanged: false, version: '13.1', timestamp: 1767323045 },
      packages: [
        { name: 'bash', version: '5.2-1', architecture: 'amd64', sourcePackage: 'bash', sourceVersion: '5.2-0' },
      ],
      image: { reference: image.reference, digest: image.digest, format: 'plain' },
    });
    expect(manifest.image.layers).toEqual(image.layers.map((l) => ({ ...l, fetched: true })));
    expect(w.ostree('rev-parse', 'x').trim()).toBe(manifest.commit);
    w.ostree('fsck', '--quiet');
    const listed = w
      .ostree('ls', '-RX', 'x')
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +/g, ' '));
    expect(listed).toEqual(
      expect.arrayContaining([
        '-00644 0 0 4 { @a(ayay) [] } /usr/etc/issue',
        '-04755 0 7 2 { @a(ayay) [] } /usr/bin/su',
        '-04755 0 7 2 { @a(ayay) [] } /usr/bin/s2',
        'd00755 0 0 0 { @a(ayay) [] } /tmp',
      ]),
    );
    expect(listed.some((line) => / \/(etc|dev\/null|tmp\/left|usr\/etc\/hostname)$/.test(line))).toBe(false);
    expect(listed.find((line) => line.endsWith('/usr/bin/ping'))).toContain("b'user.note'");
    expect(w.ostree('cat', 'x', '/usr/etc/issue')).toBe('two\n');
    expect(w.ostree('show', '--print-metadata-key=ostree.linux', 'x').trim()).toBe("'6.12'");
    expect(w.ostree('show', '--print-metadata-key=ostree.manifest-digest', 'x').trim()).toBe(`'${image.digest}'`);
  });

  test('is fetched once, layer by layer, and is always the same', async () => {
    const w = world();
    const first = await importing(w, (await made(w, { layers: [BASE, [file('usr/a', '1')]] })).reference);
    expect(JSON.parse((await importing(w, `oci:${join(w.dir, 'image')}`)).stdout)).toMatchObject({
      unchanged: true,
      commit: JSON.parse(first.stdout).commit,
      image: { layers: [{ fetched: false }, { fetched: false }] },
    });
    const changed = await made(w, { layers: [BASE, [file('usr/a', '2')]] }, 'next');
    const second = JSON.parse((await importing(w, changed.reference)).stdout);
    expect(second).toMatchObject({ unchanged: false, image: { layers: [{ fetched: false }, { fetched: true }] } });
    expect(w.ostree('cat', 'x', '/usr/a')).toBe('2');
    const elsewhere = world();
    expect(JSON.parse((await importing(elsewhere, changed.reference)).stdout).commit).toBe(second.commit);
    w.ostree('fsck', '--quiet');
  });

  test.each(['archive', 'bare-user'])('goes into a repository of mode %s too', async (mode) => {
    const [w, bare] = [world(), world()];
    const { reference } = await made(w, { layers: [BASE, [file('usr/a', '1')]] });
    execFileSync('ostree', ['init', `--repo=${w.repo}`, `--mode=${mode}`]);
    const there = JSON.parse((await importing(w, reference)).stdout);
    w.ostree('fsck', '--quiet');
    expect(there.commit).toBe(JSON.parse((await importing(bare, reference)).stdout).commit);
    const next = await made(w, { layers: [BASE, [{ name: 'usr/b', type: 'link', linkname: 'usr/bin/su' }]] }, 'next');
    const result = JSON.parse((await importing(w, next.reference)).stdout);
    expect(result.image.layers.map((l: { fetched: boolean }) => l.fetched)).toEqual([false, true]);
    w.ostree('fsck', '--quiet');
  });
});

/** What must end without a trace, by the exit code and what is said. */
const REFUSED: Record<string, [ImageSpec, number, RegExp]> = {
  'without a label': [{ layers: [BASE], labels: {} }, 1, /neither the label 'containers.bootc' nor 'ostree.bootable'/],
  'for another architecture': [{ layers: [BASE], architecture: 's390x' }, 1, /is for linux\/s390x, not for linux\//],
  'with a path out of the tree': [{ layers: [BASE, [file('../../x')]] }, 65, /cannot use layer 'sha256:.*leads out/],
  'with an absolute path': [{ layers: [[file('/etc/x')]] }, 65, /is absolute/],
  'with a link out of the tree': [
    { layers: [[{ name: 'usr/x', type: 'symlink', linkname: '../../../x' }]] },
    65,
    /leads out of the tree, to '..\/..\/..\/x'/,
  ],
  'with a device node': [
    { layers: [[{ name: 'usr/sda', type: 'block-device', devmajor: 8, devminor: 0 }]] },
    65,
    /'\/usr\/sda': it is a device node/,
  ],
  'with a hard link to nothing': [{ layers: [[{ name: 'x', type: 'link', linkname: 'y' }]] }, 65, /which is not there/],
  'with a hard link to what a layer before it removed': [
    { layers: [BASE, [file('usr/bin/.wh.su')], [{ name: 'usr/s2', type: 'link', linkname: 'usr/bin/su' }]] },
    65,
    /'\/?usr\/s2'.*which is not there/,
  ],
  'with a hard link to a directory of another layer': [
    { layers: [BASE, [{ name: 'usr/b', type: 'link', linkname: 'usr/bin' }]] },
    65,
    /hard link/,
  ],
  'with /etc and /usr/etc': [{ layers: [BASE, [file('usr/etc/x')]] }, 65, /both \/etc and \/usr\/etc/],
  'with a bomb': [{ layers: [BASE, [{ name: 'x', content: { zeros: 300_000_000 } }]] }, 65, /unpacks to more than/],
  'with a cut blob': [{ layers: [BASE], damage: (b) => b.subarray(0, b.length / 2) }, 65, /sha256:/],
  'with a damaged blob': [
    {
      layers: [BASE],
      damage: (b) => Buffer.concat([b.subarray(0, -9), Buffer.from([(b.at(-9) as number) ^ 1]), b.subarray(-8)]),
    },
    65,
    /sha256:/,
  ],
  'with a wrong diff id': [
    {
      layers: [BASE],
      edit: ({ config }) => {
        config['rootfs'] = { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] };
      },
    },
    65,
    /not 'sha256:0{64}' as the image's configuration says/,
  ],
  'with fewer layers than its configuration': [
    {
      layers: [BASE],
      edit: ({ manifest }) => {
        manifest['layers'] = [];
      },
    },
    65,
    /its manifest has 0 layers, and its configuration 1/,
  ],
  'with a damaged package database': [
    { layers: [[file('var/lib/dpkg/status', 'Package: x\nStatus: install ok installed\n')]] },
    65,
    /cannot read the package database/,
  ],
};

/** An archive of so many empty files. tar-stream would take longer to write it than it takes to be imported. */
async function nothing(count: number): Promise<Buffer> {
  const first = (await collect(Readable.from(tar([file('usr/000000', '')])))).subarray(0, 512);
  const archive = Buffer.alloc((count + 2) * 512);
  const sum = Number.parseInt(first.toString('latin1', 148, 154), 8);
  for (let i = 0; i < count; i++) {
    const at = i * 512;
    first.copy(archive, at);
    const digits = `${i}`.padStart(6, '0');
    const more = [...digits].reduce((total, digit) => total + Number(digit), 0);
    archive.write(digits, at + 4);
    archive.write((sum + more).toString(8).padStart(6, '0'), at + 148);
  }
  return archive;
}

describe('an image', () => {
  test('with 100,000 entries of nothing is a commit like any', async () => {
    const w = world();
    const { reference } = await made(w, { layers: [await nothing(100_000)] });
    expect(await importing(w, reference)).toMatchObject({ code: 0, stderr: '' });
    expect(w.ostree('cat', 'x', '/usr/099999')).toBe('');
    w.ostree('fsck', '--quiet');
  });

  test.each(Object.entries(REFUSED))('%s is refused and leaves nothing', async (_name, [spec, code, message]) => {
    const w = world();
    const result = await importing(w, (await made(w, spec)).reference);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(w.refs()).toEqual([]);
    if (existsSync(w.repo)) {
      w.ostree('fsck', '--quiet');
      expect(readdirSync(join(w.repo, 'tmp')).filter((n) => n.startsWith('aot'))).toEqual([]);
    }
  });

  test('that is not to be booted is accepted on demand', async () => {
    const w = world();
    const { reference } = await made(w, { layers: [BASE], labels: {} });
    expect(await importing(w, reference, '--any-image')).toMatchObject({ code: 0, stderr: '' });
  });

  test('needs a repository, and none that is something else', async () => {
    const w = world();
    const { reference } = await made(w, { layers: [BASE] });
    expect(await tool('aot-ociimport', [reference])).toMatchObject({ code: 64, stdout: '' });
    mkdirSync(join(w.dir, 'other'));
    writeFileSync(join(w.dir, 'other/config'), 'mine');
    expect(await tool('aot-ociimport', [reference, '--repo', join(w.dir, 'other')])).toMatchObject({ code: 65 });
    expect(readdirSync(join(w.dir, 'other'))).toEqual(['config']);
  });

  test('of the wrong architecture is accepted where that is asked for', async () => {
    const w = world();
    const other = goArchitecture() === 's390x' ? 'amd64' : 's390x';
    const { reference } = await made(w, { layers: [BASE], architecture: other });
    expect(await importing(w, reference, '--arch', other)).toMatchObject({ code: 0 });
    expect(await importing(w, reference, '--arch', 'pdp11')).toMatchObject({ code: 64 });
  });
});
