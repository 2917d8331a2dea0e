import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import { expect, it } from 'vitest';
import { TOP } from '../lib/checkout.ts';
import { copyTree, inTree } from '../lib/enter.ts';
import { realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

/** The programs that are there after the set-up: the front end and its tools. */
const TOOLS = readdirSync(join(TOP, 'tools')).filter((name) => name === 'apt-ostree' || name.startsWith('aot-'));

const machine = join(scratch('newcomer-machine'), 'root');

it('npm run quickstart works on a fresh Debian 13 with its own Node and npm', async () => {
  const tree = await realTree('test/trees/newcomer.yaml');
  await copyTree(tree.rootfs, machine, 'trixie');
  await copyCheckout(join(machine, 'root/apt-ostree'));

  const result = await inTree(machine, '/root/apt-ostree', ['npm', 'run', 'quickstart']);

  const said = `${result.stdout}${result.stderr}`;
  expect(said).toMatch(/debian\/13\/\S+\/minimal => [0-9a-f]{64}/);
  expect(said).toMatch(/^Packages: [1-9]\d+$/m);
  expect(said).toMatch(/^Time: .*\d/m);
  expect(result.exitCode).toBe(0);
  const ref = await run('ostree', ['refs', '--repo', join(machine, 'root/apt-ostree/build/repo')]);
  expect(ref.stdout).toMatch(/minimal/);
  for (const tool of TOOLS) {
    const version = await inTree(machine, '/root/apt-ostree', [`node_modules/.bin/${tool}`, '--version']);
    expect([tool, version.exitCode, version.stdout]).toEqual([tool, 0, expect.stringMatching(/\d+\.\d+\.\d+/)]);
  }
});

/** What git tracks or would track, as it is in the work tree. */
async function copyCheckout(target: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: TOP });
  for (const file of stdout.split('\0').filter((f) => f !== '' && existsSync(join(TOP, f)))) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(TOP, file), join(target, file), { verbatimSymlinks: true });
  }
}
