import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE } from '../lib/checkout.ts';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { removeTrees } from '../lib/remove-trees.ts';
import { scratch } from '../lib/scratch.ts';
import { snapshot } from '../lib/snapshot.ts';
import { validateSpdx } from '../lib/spdx-tools.ts';

// Images of the server tree, as umoci, skopeo, podman, Debian's registry and the SPDX project's validator see them.

const shared = scratch('image-judges');
const at = (name: string): string => join(shared, name);
/** What no later test looks at goes early: the images of a server are large. */
const spent = (...names: string[]) => removeTrees(...names.map(at));

let by: Judges;
let tree: RealTree;
beforeAll(async () => {
  tree = await realTree('docs/examples/server.yaml');
  by = await judges(shared);
});

async function exported(output: string, ...more: string[]): Promise<ImageManifest> {
  const args = ['--repo', tree.repo, '--ref', tree.commit.commit, '--cachedir', CACHE, '--output', output, ...more];
  const { code, stdout, stderr } = await tool('aot-ociexport', ['--quiet', ...args], { timeout: 900_000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** The file with the packages in an image, which is written as a layout of that name. */
async function listed(name: string): Promise<string> {
  const image = await exported(`oci:${at(name)}:13`, '--sbom', 'spdx');
  const layer = image.layers.at(-1)?.digest.slice('sha256:'.length) as string;
  const file = 'usr/share/apt-ostree/sbom.spdx.json';
  return (await run('tar', ['-xzOf', at(`${name}/blobs/sha256/${layer}`), file])).stdout;
}

const inspect = async (image: string, ...options: string[]) =>
  JSON.parse((await by.run('skopeo', 'inspect', ...options, image)).stdout);

async function get(registry: Registry, path: string, accept = '*/*'): Promise<string> {
  const response = await fetch(`http://${registry.host}/v2/team/server/${path}`, { headers: { accept } });
  expect(response.status).toBe(200);
  return response.text();
}

describe('a layout', () => {
  let image: ImageManifest;
  beforeAll(async () => {
    image = await exported(`oci:${at('plain')}:13`);
  });

  it('is unpacked by umoci to what ostree checks out', async () => {
    await by.run('umoci', 'unpack', '--image', `${SHARED}/plain:13`, `${SHARED}/bundle`);
    await run('ostree', ['checkout', `--repo=${tree.repo}`, tree.commit.commit, at('checkout')]);
    await run('mv', [at('checkout/usr/etc'), at('checkout/etc')]);
    const sorted = async (root: string) => [...(await snapshot(root))].sort(([a], [b]) => (a < b ? -1 : 1));
    expect(await sorted(at('bundle/rootfs'))).toEqual(await sorted(at('checkout')));
    await spent('bundle', 'checkout');
  });

  it('is to skopeo what we say of it', async () => {
    const seen = await inspect(`oci:${SHARED}/plain:13`);
    expect(seen).toMatchObject({ Digest: image.digest, Os: 'linux', Labels: image.labels });
    expect(seen.Layers).toEqual(image.layers.map((l) => l.digest));
  });

  it('with zstd is taken by skopeo, which looks at every digest', async () => {
    const zstd = await exported(`oci:${at('zstd')}:13`, '--compression', 'zstd');
    expect(zstd.layers.map((l) => l.diffId)).toEqual(image.layers.map((l) => l.diffId));
    await by.run('skopeo', '--insecure-policy', 'copy', `oci:${SHARED}/zstd:13`, `dir:${SHARED}/copied`);
    await spent('zstd', 'copied');
  });
});

it('an archive of docker is loaded by podman, and what is in it runs', async () => {
  await exported(`docker-archive:${at('server.tar')}:localhost/server:13`);
  await by.podman('load', '--input', `${SHARED}/server.tar`);
  await spent('server.tar');
  const inside = (...argv: string[]) => by.podman('run', '--rm', '--cgroups=enabled', 'localhost/server:13', ...argv); // runc cannot do without
  const list = await inside('dpkg', '-l');
  const named = new Set([...list.stdout.matchAll(/^ii {2}([^\s:]+)/gm)].map((m) => m[1]));
  expect([...named].sort()).toEqual([...new Set(tree.commit.packages.map((p) => p.name))].sort());
  const shell = await inside('sh', '-c', '. /etc/os-release; echo $ID; id -un');
  expect(shell.stdout).toBe('debian\nroot\n');
});

describe('a registry', () => {
  let registry: Registry;
  let image: ImageManifest;
  beforeAll(async () => {
    registry = await by.registry();
    image = await exported(`registry:${registry.host}/team/server:13`, '--sbom', 'spdx');
  });
  afterAll(() => registry?.stop());

  it('gives skopeo the image that was pushed', async () => {
    const seen = await inspect(`docker://${registry.host}/team/server:13`, '--tls-verify=false');
    expect(seen.Digest).toBe(image.digest);
  });

  it('gets nothing twice', async () => {
    const again = await exported(`registry:${registry.host}/team/server:again`, '--sbom', 'spdx');
    expect(again.digest).toBe(image.digest);
    expect(again.layers.every((l) => l.reused)).toBe(true);
  });

  it('has the list of packages beside the image, and the image has it as a file', async () => {
    const tag = image.digest.replace(':', '-');
    const index = await get(registry, `manifests/${tag}`, 'application/vnd.oci.image.index.v1+json');
    const [found] = JSON.parse(index).manifests as [{ artifactType: string; digest: string; mediaType: string }];
    expect(found.artifactType).toBe('application/spdx+json');
    const artifact = JSON.parse(await get(registry, `manifests/${found.digest}`, found.mediaType));
    expect(artifact.subject.digest).toBe(image.digest);
    const list = await get(registry, `blobs/${artifact.layers[0].digest}`);
    const names = JSON.parse(list).packages.map((p: { name: string }) => p.name);
    expect(names).toEqual(expect.arrayContaining(tree.commit.packages.map((p) => p.name)));
    expect(await listed('listed')).toBe(list);
  });
});

describe('the list of packages, to the validator of the SPDX project,', () => {
  let list: string;
  beforeAll(async () => {
    list = await listed('judged');
  });

  async function judged(name: string, text: string) {
    writeFileSync(at(`${name}.spdx.json`), text);
    const { exitCode, stderr } = await validateSpdx(at(`${name}.spdx.json`));
    return { exitCode, stderr };
  }

  it('is valid', async () => {
    expect(JSON.parse(list).packages).toHaveLength(tree.commit.packages.length + 1); // and the system
    expect(await judged('valid', list)).toEqual({ exitCode: 0, stderr: '' });
  });

  it('is not with a package that is not in it', async () => {
    const spoilt = JSON.parse(list);
    spoilt.relationships.at(-1).relatedSpdxElement = 'SPDXRef-Package-nowhere';
    const message = expect.stringContaining('did not find the referenced spdx_id "SPDXRef-Package-nowhere"');
    expect(await judged('dangling', JSON.stringify(spoilt))).toEqual({ exitCode: 1, stderr: message });
  });

  it('is not with a download location in no form that SPDX has', async () => {
    const spoilt = JSON.parse(list);
    spoilt.packages.at(-1).downloadLocation = 'some where';
    const message = expect.stringMatching(/download_location must be .*, but is: some where/);
    expect(await judged('unlocated', JSON.stringify(spoilt))).toEqual({ exitCode: 1, stderr: message });
  });
});

it('without a program that signs, nothing is pushed', async () => {
  const output = ['--output', 'registry:127.0.0.1:1/team/server:13', '--sign-by', 'key'];
  const args = ['--repo', tree.repo, '--ref', tree.commit.commit, ...output];
  const { code, stderr } = await tool('aot-ociexport', args, { env: { PATH: '/nonexistent' } });
  expect({ code, stderr }).toEqual({
    code: 71,
    stderr: expect.stringMatching(/cannot sign with 'key': .* is not installed/),
  });
});

it('the commands of compose write the same image', async () => {
  const args = ['compose', 'container-encapsulate', '--quiet', '--repo', tree.repo, '--cachedir', CACHE];
  await exported(`oci:${at('before')}:13`);
  const more = ['--write-contentmeta-json', at('layers.json'), '--compare-with-build', `oci:${at('before')}:13`];
  const output = `oci:${at('encapsulated')}:13`;
  const front = await tool('apt-ostree', [...args, ...more, tree.commit.commit, output], { timeout: 900_000 });
  const image = await exported(`oci:${at('same')}:13`, '--format', 'encapsulated');
  expect({ code: front.code, stderr: front.stderr }).toEqual({ code: 0, stderr: '' });
  expect(front.stdout).toMatch(
    new RegExp(`^${output} => ${image.digest}\nTotal new layers: .*\nRemoved layers: .*\nAdded layers: .*\n$`),
  );
  const { layers } = JSON.parse(readFileSync(at('layers.json'), 'utf8'));
  expect(layers.map((l: { digest: string }) => l.digest)).toEqual(image.layers.map((l) => l.digest));
});
