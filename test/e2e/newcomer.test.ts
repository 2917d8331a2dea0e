import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import { afterAll, expect, it } from 'vitest';
import { SCRATCH, TOP } from '../lib/checkout.ts';
import { copyTree, inTree } from '../lib/enter.ts';
import { realTree } from '../lib/real-tree.ts';

const machine = join(SCRATCH, 'newcomer-machine');

afterAll(() => rmSync(machine, { recursive: true, force: true }));

it('npm run quickstart works on a fresh Debian 13 with its own Node and npm', async () => {
  const tree = await realTree('test/trees/newcomer.yaml');
  await copyTree(tree.rootfs, machine, 'trixie');
  await copyCheckout(join(machine, 'root/apt-ostree'));

  const result = await inTree(machine, '/root/apt-ostree', ['npm', 'run', 'quickstart']);

  expect(`${result.stdout}${result.stderr}`).toMatch(/debian\/13\/\S+\/minimal => [0-9a-f]{64}/);
  expect(result.exitCode).toBe(0);
  const ref = await run('ostree', ['refs', '--repo', join(machine, 'root/apt-ostree/build/repo')]);
  expect(ref.stdout).toMatch(/minimal/);
  expect(existsSync(join(machine, 'root/apt-ostree/node_modules/.bin/aot-resolve'))).toBe(true);
});

/** What git tracks or would track, as it is in the work tree. */
async function copyCheckout(target: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: TOP });
  for (const file of stdout.split('\0').filter((f) => f !== '' && existsSync(join(TOP, f)))) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(TOP, file), join(target, file), { verbatimSymlinks: true });
  }
}
