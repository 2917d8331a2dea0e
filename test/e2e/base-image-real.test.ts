import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackagesManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { imageLayout, tool } from '@apt-ostree/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CACHE } from '../lib/checkout.ts';
import { Commits } from '../lib/commits.ts';
import { type Judges, judges, type Registry, SHARED } from '../lib/judges.ts';
import { mmdebstrap } from '../lib/mmdebstrap.ts';
import { realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

// Trees that start from real images, in Debian's registry: one that mmdebstrap made, as Debian's own images are, and one of
// ours with a kernel.

const shared = scratch('base-image-real');
let judge: Judges;
let registry: Registry;
const repo = join(shared, 'repo');
let commits: Commits;

beforeAll(async () => {
  judge = await judges(shared);
  registry = await judge.registry();
  commits = new Commits(repo);
});
afterAll(() => registry?.stop());

/** Composes a treefile that starts from an image of the registry. */
async function compose(name: string, image: string, keys: Record<string, unknown>, ...more: string[]) {
  const file = join(shared, `${name.replace('/', '-')}.json`);
  const treefile = { ref: name, releasever: 'trixie', 'base-image': `${registry.host}/${image}`, ...keys };
  writeFileSync(file, JSON.stringify(treefile));
  const args = ['compose', 'tree', '--cachedir', CACHE, '--repo', repo, ...more, file];
  return tool('apt-ostree', args, { timeout: 900_000 });
}

describe('an image as Debian has them', () => {
  test('gets a package, and is a commit that the lints accept', async () => {
    await mmdebstrap(join(shared, 'debian.tar'), 'trixie', ['ca-certificates', 'apt'], 1_700_000_000);
    const settings = { Cmd: ['bash'] }; // no label: it is not meant to be booted
    await imageLayout(join(shared, 'debian'), {
      layers: [{ archive: join(shared, 'debian.tar') }],
      edit: ({ config }) => Object.assign(config, { config: settings }),
    });
    await judge.run(
      ...['skopeo', 'copy', '--quiet', '--dest-tls-verify=false', '--dest-compress-format=gzip'],
      ...[`oci:${SHARED}/debian:latest`, `docker://${registry.host}/library/debian:trixie`],
    );
    const lock = join(shared, 'lock.json');
    const keys = { container: true, recommends: false, packages: ['less'] };
    const { code, stderr } = await compose('real/debian', 'library/debian:trixie', keys, '--write-lockfile-to', lock);
    expect(code, stderr).toBe(0);
    const { base, packages } = JSON.parse(readFileSync(lock, 'utf8')) as PackagesManifest;
    expect(base?.image?.reference).toBe(`${registry.host}/library/debian:trixie`);
    expect(packages.map((p) => p.name)).toContain('less');
    const paths = await commits.paths('real/debian');
    for (const path of ['/usr/bin/less', '/usr/bin/bash', '/usr/etc/os-release', '/usr/lib/sysimage/dpkg/status'])
      expect(paths).toHaveProperty([path]);
    expect(Object.keys(paths).filter((path) => /^\/(etc|var\/lib\/dpkg)\//.test(path))).toEqual([]);
    const status = await commits.file('real/debian', '/usr/lib/sysimage/dpkg/status');
    expect(status).toMatch(/^Package: less\n(?:.+\n)*?Status: install ok installed$/m);
    const lint = await tool('apt-ostree', ['compose', 'lint', '--repo', repo, '--container', 'real/debian']);
    expect(lint.code, lint.stdout + lint.stderr).toBe(0);
  });

  test('again, nothing is composed; without the network neither', async () => {
    const keys = { container: true, recommends: false, packages: ['less'] };
    for (const more of [[], ['--cache-only']]) {
      const again = await compose('real/debian', 'library/debian:trixie', keys, ...more);
      expect(again, again.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('No apparent changes') });
    }
  });
});

describe('an image with a kernel', () => {
  test('keeps it with its initramfs, and loses nothing', async () => {
    const tree = await realTree('test/trees/booted.yaml');
    const output = `registry:${registry.host}/os/base:13`;
    const exported = ['--repo', tree.repo, '--ref', tree.commit.commit, '--cachedir', CACHE, '--output', output];
    expect((await tool('aot-ociexport', ['-q', ...exported], { timeout: 900_000 })).code).toBe(0);
    const { code, stderr } = await compose('real/kernel', 'os/base:13', { recommends: false, packages: ['tree'] });
    expect(code, stderr).toBe(0);
    const base = tree.commit.commit;
    await run('ostree', ['pull-local', `--repo=${repo}`, tree.repo, base]);
    const { stdout } = await run('ostree', ['diff', `--repo=${repo}`, base, 'real/kernel']);
    expect(stdout).toMatch(/^A {4}\/usr\/bin\/tree$/m);
    expect(stdout.split('\n').filter((line) => /^D|\/usr\/lib\/modules\//.test(line))).toEqual([]);
    const kernel = await commits.metadata(base, 'ostree.linux');
    expect(kernel).toMatch(/^'\d/);
    expect(await commits.metadata('real/kernel', 'ostree.linux')).toBe(kernel);
    const lint = await tool('apt-ostree', ['compose', 'lint', '--repo', repo, 'real/kernel']);
    expect(lint.code, lint.stdout + lint.stderr).toBe(0);
  });
});
