import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { listedSources, withSources } from '../src/index.ts';

const ONE = '# of ours\nTypes: deb\nURIs: http://127.0.0.1/\nSuites: a\n';
const TWO = `${ONE}\n${ONE}Enabled: no\n`;

function system(): { root: string; file(name: string): string } {
  const root = temporary(onTestFinished);
  const file = (name: string) => join(root, 'etc/apt/sources.list.d', name);
  mkdirSync(file(''), { recursive: true });
  writeFileSync(file('one.sources'), ONE);
  writeFileSync(file('two.sources'), TWO);
  return { root, file };
}

const counting = (root: string): string[] => listedSources(root).flatMap((s) => (s.isEnabled ? [s.id] : []));

test.each([
  [{}, ['one.sources:1', 'two.sources:1']],
  [{ enable: ['two'] }, ['one.sources:1', 'two.sources:1', 'two.sources:2']],
  [{ disable: ['one.sources'] }, ['two.sources:1']],
  [{ disable: ['*'], enable: ['two.sources:2'] }, ['two.sources:2']],
  [{ disable: ['t*:1'] }, ['one.sources:1']],
])('%j: others count while something is done, and the files are as before', async (choice, expected) => {
  const { root, file } = system();
  const during = await withSources(root, { enable: [], disable: [], ...choice }, async () => counting(root));
  expect(during).toEqual(expected);
  expect([readFileSync(file('one.sources'), 'utf8'), readFileSync(file('two.sources'), 'utf8')]).toEqual([ONE, TWO]);
});

test('what fails leaves them as before, and what was written meanwhile stays', async () => {
  const { root, file } = system();
  const failing = withSources(root, { enable: [], disable: ['*'] }, async () => {
    writeFileSync(file('two.sources'), 'Types: deb\nURIs: http://127.0.0.1/new\nSuites: b\n');
    throw new Error('it broke');
  });
  await expect(failing).rejects.toThrow('it broke');
  expect(readFileSync(file('one.sources'), 'utf8')).toBe(ONE);
  expect(readFileSync(file('two.sources'), 'utf8')).toContain('/new');
});

test.each(['three', 'one.sources:2', 'o.e'])('%s names none', async (name) => {
  const { root, file } = system();
  const work = withSources(root, { enable: [name], disable: ['one'] }, async () => 0);
  await expect(work).rejects.toThrow(`cannot find the source '${name}'`);
  expect(readFileSync(file('one.sources'), 'utf8')).toBe(ONE);
});
