import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { tool } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkReproducible, deploy, inside, MOVED_WITH_KERNEL, makeVar, movedPaths } from '../lib/deployed.ts';
import { describeOracle } from '../lib/oracle.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';

describeOracle('desktop');

describe('the commit of desktop', () => {
  const deployed = join(scratch('desktop-deployed'), 'root');
  let real: RealTree;
  beforeAll(async () => {
    real = await realTree('docs/examples/desktop.yaml');
    await deploy(real, deployed);
  });

  test('is whole', async () => {
    await run('ostree', ['fsck', '--quiet', `--repo=${real.repo}`]);
  });

  test('passes every lint', async () => {
    const { repo, commit } = real;
    const lint = await tool('apt-ostree', ['compose', 'lint', '--fatal-warnings', '--repo', repo, commit.commit]);
    expect(lint, lint.stdout).toMatchObject({ code: 0, stderr: '' });
  });

  test('is, to dpkg, what was configured, but for what the commit moves', async () => {
    await makeVar(deployed);
    expect(await movedPaths(deployed, real.packages)).toEqual(MOVED_WITH_KERNEL);
    expect((await inside(deployed, ['dpkg', '--audit'])).stdout).toBe('');
  });
});

test('desktop passes --check-reproducible', () => checkReproducible('desktop'));
