import { expect, it } from 'vitest';
import { guideDirectory, session, shellBlocks } from '../lib/guide.ts';

// Whoever follows a guide gets what it promises: every fenced sh block is run, in order, in one session.
it.each(['README.md', 'docs/composing.md', 'docs/hosts.md'])('the commands of %s work as printed', async (file) => {
  const blocks = shellBlocks(file);
  expect(blocks.length).toBeGreaterThan(0);
  const result = await session(blocks, guideDirectory(file.replace(/\W/g, '-')));
  expect(result.stderr).not.toMatch(/internal error/);
  expect({ exitCode: result.exitCode, stderr: result.exitCode === 0 ? '' : result.stderr }).toEqual({
    exitCode: 0,
    stderr: '',
  });
});
