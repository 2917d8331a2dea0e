import { expect, test } from 'vitest';
import { realTree } from '../lib/real-tree.ts';
import { commitOfUser } from '../lib/user.ts';

// The suite does it with the minimal example; here there are a kernel, an initramfs, units, and byte code.
test('an ordinary user makes the same commit of server as root', async () => {
  const tree = await realTree('docs/examples/server.yaml');
  expect(await commitOfUser(tree, 'server')).toBe(tree.commit.commit);
});
