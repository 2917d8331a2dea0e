import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitManifest } from '@apt-ostree/manifest';
import { readCommit } from '@apt-ostree/ostree';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Judges, judges, SHARED } from '../lib/judges.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

// What we write as an image comes back as it was, and what umoci and podman make of it is what they say it is.

const shared = scratch('image-import');
const repo = join(shared, 'repo');
let by: Judges;
let tree: RealTree;

beforeAll(async () => {
  by = await judges(shared);
  tree = await realTree('docs/examples/minimal.yaml');
  for (const format of ['plain', 'encapsulated']) {
    const words = ['--format', format, '--compression=gzip', '--cachedir', join(shared, 'cache'), '-q'];
    const output = `oci:${join(shared, format)}:1`;
    const options = ['--repo', tree.repo, '--ref', tree.commit.commit, '--output', output, ...words];
    expect(await tool('aot-ociexport', options, { timeout: 600_000 })).toMatchObject({ code: 0 });
  }
});

async function imported(image: string, ...more: string[]): Promise<CommitManifest> {
  const args = [image, '--repo', repo, '-q', '--any-image', ...more];
  const { code, stdout, stderr } = await tool('aot-ociimport', args, { timeout: 600_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The commit of what umoci unpacks, under the names that a commit has. */
async function byUmoci(image: string): Promise<string> {
  const bundle = join(shared, 'bundle');
  rmSync(bundle, { recursive: true, force: true });
  await by.run('umoci', 'unpack', '--image', `${SHARED}/${image}`, `${SHARED}/bundle`);
  const root = join(bundle, 'rootfs');
  renameSync(join(root, 'etc'), join(root, 'usr/etc'));
  const args = ['commit', `--repo=${repo}`, '--orphan', '--fsync=0', `--tree=dir=${root}`];
  return (await run('ostree', args)).stdout.trim();
}

const difference = async (a: string, b: string) =>
  (await run('ostree', ['diff', `--repo=${repo}`, '--fs-diff', a, b])).stdout;
const contentOf = (commit: string) => {
  const { tree: root, meta } = readCommit(repo, commit);
  return { root, meta };
};

describe('there and back', () => {
  test('a plain image gives the same tree and the same packages', async () => {
    const back = await imported(`oci:${join(shared, 'plain')}:1`, '--ref', 'plain');
    expect(back.contentChecksum).toBe(tree.commit.contentChecksum);
    expect(back.packages).toEqual(tree.commit.packages);
    expect(back.version).toBe(tree.commit.version);
  });

  test('an encapsulated one gives the very commit, and its treefile', async () => {
    const back = await imported(`oci:${join(shared, 'encapsulated')}:1`, '--ref', 'encapsulated');
    expect(back).toMatchObject({ commit: tree.commit.commit, inputHash: tree.commit.inputHash });
    expect(back.treefile).toEqual(tree.commit.treefile);
    await run('ostree', ['fsck', `--repo=${repo}`, '--quiet']);
  });

  test('umoci unpacks the same', async () => {
    const theirs = await byUmoci('plain:1');
    expect(await difference('plain', theirs)).toBe('');
    expect(contentOf(theirs)).toEqual(contentOf((await imported(`oci:${join(shared, 'plain')}:1`)).commit));
  });
});

/** What people do in a Containerfile. */
const STEPS = `set -e
rm /etc/debian_version
rm -r /usr/share/doc/apt; mkdir /usr/share/doc/apt; echo new > /usr/share/doc/apt/new
rm -r /usr/share/bash-completion /usr/share/man || true
ln /usr/bin/bash /usr/bin/hard
ln -s ../../etc/passwd /usr/share/soft
chown 7:8 /usr/bin/env; chmod 2755 /usr/bin/env
mkdir -p /usr/share/ä; touch "/usr/share/ä/with space"
mkdir -p /var/lib/made /run/made; echo x > /tmp/left`;

test('a layer that podman makes over ours is imported as umoci unpacks it, and only it is read', async () => {
  writeFileSync(join(shared, 'steps'), STEPS);
  await by.podman('pull', '-q', `oci:${SHARED}/plain:1`);
  const image = (await by.podman('images', '--quiet')).stdout.trim().split('\n')[0] as string;
  await by.podman(
    'run',
    '--name=made',
    '--cgroups=enabled',
    `--volume=${SHARED}/steps:/steps:ro`,
    image,
    'sh',
    '/steps',
  );
  await by.podman('commit', '-q', 'made', 'derived');
  await by.podman('push', '-q', 'derived', `oci:${SHARED}/derived:1`);
  const ours = await imported(`oci:${join(shared, 'derived')}:1`);
  const read = ours.image?.layers.map((layer) => layer.fetched);
  expect(read?.slice(0, -1).every((fetched) => !fetched)).toBe(true);
  expect(read?.at(-1)).toBe(true);
  const theirs = await byUmoci('derived:1');
  const lines = (await difference(theirs, ours.commit)).split('\n').filter(Boolean).sort();
  expect(lines.map((line) => line.replace(/ +/, ' '))).toEqual([
    'D /run/.containerenv',
    'D /run/made',
    'D /tmp/left',
    'D /usr/etc/hostname',
  ]);
  await run('ostree', ['fsck', `--repo=${repo}`, '--quiet']);
});
