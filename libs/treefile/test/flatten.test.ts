import { expect, test } from 'vitest';
import { flat, load } from './fixture.ts';

test('a flat treefile holds what was set, in the order of the documentation', async () => {
  const { treefile } = await load('packages: [b, a]\nreleasever: trixie\nref: debian/${releasever}/${basearch}\n');
  expect(Object.entries(treefile)).toEqual([
    ['ref', 'debian/trixie/amd64'],
    ['basearch', 'amd64'],
    ['packages', ['a', 'b']],
    ['releasever', 'trixie'],
  ]);
});

test('JSON is read as YAML is', async () => {
  const yaml = await flat('ref: a/b\npackages: [bash]\n');
  expect(await flat({ 'tree.json': '{"ref": "a/b", "packages": ["bash"]}' })).toEqual(yaml);
});
