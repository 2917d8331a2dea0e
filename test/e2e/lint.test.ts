import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { LINTS } from '../../tools/apt-ostree/src/compose/lint/lints/table.ts';
import { CACHE } from '../lib/checkout.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';
import { sweepAfter } from '../lib/sweep.ts';

const lint = (...args: string[]) => tool('apt-ostree', ['compose', 'lint', ...args]);

interface Verdict {
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  found?: string[];
}
const verdicts = (json: string): Verdict[] => JSON.parse(json).lints;
const skipped = (json: string) =>
  verdicts(json)
    .filter((v) => v.status === 'skipped')
    .map((v) => v.name);

const KERNEL_LINTS = ['initramfs-missing', 'initramfs-ostree', 'initramfs-prepare-root', 'kernel-missing'];

describe.each([
  ['minimal', KERNEL_LINTS],
  ['server', []],
] as const)('the tree of %s', (name, without) => {
  let tree: RealTree;
  let directory: string;
  let rootfs: string;

  beforeAll(async () => {
    tree = await realTree(`docs/examples/${name}.yaml`);
    directory = scratch(`lint-${name}`);
    rootfs = join(directory, 'rootfs');
    await run('ostree', ['checkout', `--repo=${tree.repo}`, '--force-copy', tree.commit.commit, rootfs]);
    renameSync(join(rootfs, 'usr/etc'), join(rootfs, 'etc'));
  });
  sweepAfter(() => [directory]);

  test('passes every lint as a commit', async () => {
    const { code, stdout, stderr } = await lint('--fatal-warnings', '--json', '--repo', tree.repo, tree.commit.commit);
    expect([code, stderr, verdicts(stdout).filter((v) => v.status === 'failed')]).toEqual([0, '', []]);
    expect(skipped(stdout)).toEqual(['architecture', ...without, 'label'].sort());
  });

  test('passes every lint as a root file system', async () => {
    const container = without.length > 0 ? ['--container'] : [];
    const { code, stdout } = await lint('--fatal-warnings', ...container, rootfs);
    expect([code, stdout]).toEqual([0, `Passed: ${27 - without.length}\nSkipped: ${2 + without.length}\n`]);
  });

  test('passes every lint as an image, with its label and architecture', async () => {
    const image = `oci:${join(directory, 'image')}:latest`;
    const exported = await tool('aot-ociexport', [
      ...['--repo', tree.repo, '--ref', tree.commit.commit, '--compression', 'none', '--output', image],
      ...['--cachedir', CACHE],
    ]);
    expect(exported.code, exported.stderr).toBe(0);
    const container = without.length > 0 ? ['--container'] : [];
    const { code, stdout } = await lint('--fatal-warnings', '--json', ...container, image);
    expect([code, verdicts(stdout).filter((v) => v.status === 'failed')]).toEqual([0, []]);
    expect(skipped(stdout)).toEqual(without);
  });

  test('does not look at what is mounted in it', async () => {
    const mount = 'mount -t tmpfs tmpfs "$0/tmp" && : > "$0/tmp/file" && exec "$@"';
    const prefix = ['unshare', '--mount', '--', 'sh', '-c', mount, rootfs];
    const { code, stdout } = await tool('apt-ostree', ['compose', 'lint', '--container', '--fatal-warnings', rootfs], {
      prefix,
    });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Passed: /)]);
  });

  test('fails for what is wrong with it, and for warnings only when they are to be fatal', async () => {
    writeFileSync(join(rootfs, 'boot/left-over'), '');
    const warned = await lint(rootfs, '--container');
    expect([warned.code, warned.stdout]).toEqual([0, expect.stringContaining("/boot has 'left-over' in it")]);
    const fatal = await lint('--fatal-warnings', '--container', rootfs);
    expect([fatal.code, fatal.stderr]).toEqual([1, `error: '${rootfs}' has 1 warning\n`]);
    expect((await lint('--fatal-warnings', '--container', '--skip', 'nonempty-boot', rootfs)).code).toBe(0);
    symlinkSync('etc', join(rootfs, 'usr/etc'));
    const wrong = await lint('--container', rootfs);
    expect([wrong.code, wrong.stderr]).toEqual([1, `error: '${rootfs}' has 1 error and 1 warning\n`]);
    expect(wrong.stdout).toContain('error: etc-usretc: ');
  });
});

test('what cannot be judged is an error', async () => {
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await lint(...args);
    expect([code, stdout]).toEqual([1, '']);
    return stderr;
  };
  expect(await said()).toContain('ROOTFS, IMAGE or REF is missing');
  expect(await said('/nowhere')).toContain("cannot read '/nowhere': no such file or directory");
  expect(await said('/etc/passwd')).toContain('it is no directory');
  expect(await said('--repo', '/nowhere', 'x')).toContain("cannot find 'x' in '/nowhere'");
  expect(await said('--skip', 'kernels', '/')).toContain("unknown lint 'kernels'");
});

test('lists its lints, judging nothing', async () => {
  const names = LINTS.map(({ name }) => name).sort();
  const text = await lint('--list');
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout.match(/^\S+(?= +(?:error|warning) )/gm)).toEqual(names);
  const { stdout } = await lint('--list', '--json');
  expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(names);
});
