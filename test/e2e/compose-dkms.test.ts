import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { beforeAll, expect, test } from 'vitest';
import { CACHE, program, TOP } from '../lib/checkout.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

let tree: RealTree;
/** The kernel of the tree. */
let kver: string;

const ostree = async (...args: string[]) =>
  (await run('ostree', [...args.slice(0, 1), `--repo=${tree.repo}`, ...args.slice(1)])).stdout;
const paths = async (directory: string) =>
  (await ostree('ls', '-R', '--nul-filenames-only', tree.commit.commit, directory)).split('\0');

beforeAll(async () => {
  rmSync(join(CACHE, 'modules'), { recursive: true, force: true });
  tree = await realTree('test/trees/dkms.yaml');
  kver = (await paths('/usr/lib/modules')).flatMap((p) => /modules\/([^/]+)\/vmlinuz$/.exec(p)?.[1] ?? [])[0] ?? '';
});

test("a module is beside the kernel's, and modprobe's index has it", async () => {
  const module = `/usr/lib/modules/${kver}/updates/dkms/dkms_test.ko.xz`;
  expect(await paths(`/usr/lib/modules/${kver}/updates`)).toContain(module);
  expect(await ostree('cat', tree.commit.commit, `/usr/lib/modules/${kver}/modules.dep`)).toContain(
    'updates/dkms/dkms_test.ko.xz:',
  );
});

test('scripts register it and build nothing', () => {
  const calls = tree.configured.scripts.flatMap((s) => s.calls).filter((c) => c.program === 'dkms');
  expect(calls.map((c) => c.args.slice(0, 5))).toContainEqual(['add', '-m', 'dkms_test', '-v', '1.0']);
  expect(calls.map((c) => c.args[0])).toContain('build');
  const made = tree.configured.scripts.flatMap((s) => s.created);
  expect(made.filter((path) => /\/(updates|x86_64\/module)\//.test(path))).toEqual([]);
});

test("DKMS's state is with the packages', without key and log", async () => {
  const state = (await paths('/usr/lib/sysimage/dkms')).map((path) => path.replace('/usr/lib/sysimage/dkms/', ''));
  expect(state).toContain('dkms_test/1.0/source');
  expect(state).toContain(`dkms_test/kernel-${kver}-x86_64`);
  expect(state.filter((path) => /mok|log/.test(path))).toEqual([]);
});

test('the same tree again is the same commit, from the cache and without', async () => {
  const directory = join(CACHE, 'modules');
  const built = () => readdirSync(directory).map((name) => `${name} ${statSync(join(directory, name)).ino}`);
  const again = async () => {
    const repo = join(scratch('dkms-again'), 'repo');
    const args = ['--cachedir', CACHE, '--source-root', TOP, '--strict-var', '--repo', repo];
    const { stdout } = await run(program('aot-commit'), args, { input: JSON.stringify(tree.configured), cwd: TOP });
    return (JSON.parse(stdout) as { commit: string }).commit;
  };
  const before = built();
  expect(before).toHaveLength(2);
  expect(await again()).toBe(tree.commit.commit);
  expect(built()).toEqual(before);
  rmSync(directory, { recursive: true });
  expect(await again()).toBe(tree.commit.commit);
  expect(built().map((line) => line.split(' ')[0])).toEqual(before.map((line) => line.split(' ')[0]));
});
