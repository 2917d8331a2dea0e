import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { repositoryMode, repositorySetting, repositorySyncs } from '../src/index.ts';

function repository(config: string): string {
  const repo = temporary(onTestFinished);
  writeFileSync(join(repo, 'config'), config);
  return repo;
}

test('a setting is that of the group core, with or without spaces', () => {
  const repo = repository(
    '[remote "a"]\nmode=archive\nfsync=false\n[core]\n# mode=odd\nmode = bare-user \n[other]\nmode=x\n',
  );
  expect(repositoryMode(repo)).toBe('bare-user');
  expect(repositorySyncs(repo)).toBe(true);
  expect(repositorySetting(repo, 'min-free-space-size')).toBe(undefined);
});

test("libostree's defaults count where nothing is set", () => {
  expect(repositoryMode(repository('[core]\nrepo_version=1\n'))).toBe('bare');
  expect(repositorySyncs(repository('[core]\nfsync=false\n'))).toBe(false);
});

test('what is no repository is named', () => {
  const at = temporary(onTestFinished);
  expect(() => repositorySetting(at, 'mode')).toThrow(`cannot open the repository '${at}'`);
});
