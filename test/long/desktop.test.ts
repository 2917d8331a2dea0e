import { tool } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { describeOracle } from '../lib/oracle.ts';
import { realTree } from '../lib/real-tree.ts';

describeOracle('desktop');

test('desktop passes every lint', async () => {
  const { repo, commit } = await realTree('docs/examples/desktop.yaml');
  const lint = await tool('apt-ostree', ['compose', 'lint', '--fatal-warnings', '--repo', repo, commit.commit]);
  expect(lint, lint.stdout).toMatchObject({ code: 0, stderr: '' });
});
