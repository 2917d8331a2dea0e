import { afterAll, beforeAll, expect, it } from 'vitest';
import { guideDirectory, session, shellBlocks } from '../lib/guide.ts';
import { judges, type Registry } from '../lib/judges.ts';
import { scratch } from '../lib/scratch.ts';

const GUIDE = 'docs/images.md';
const shared = scratch('guide-images');

let registry: Registry;
beforeAll(async () => {
  registry = await (await judges(shared)).registry();
});
afterAll(() => registry?.stop());

// As the other guides, and with a registry for the blocks that want one.
it('the commands of docs/images.md work as printed', async () => {
  const blocks = [...shellBlocks(GUIDE), ...shellBlocks(GUIDE, 'sh registry')];
  expect(blocks.length).toBeGreaterThan(5);
  const env = { REGISTRY: registry.host };
  const { exitCode, stdout, stderr } = await session(blocks, guideDirectory('docs-images-md'), env);
  expect(stderr).not.toMatch(/internal error/);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const said of ['\n[true]\n', 'No apparent changes since previous image', 'application/spdx+json'])
    expect(stdout).toContain(said);
});
