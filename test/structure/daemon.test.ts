import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command as front } from '../../tools/apt-ostree/src/command.ts';
import { NOT_YET } from '../../tools/apt-ostreed/src/requests/request.ts';

const data = (name: string) => readFileSync(join(import.meta.dirname, '../../tools/apt-ostreed/data', name), 'utf8');

/** A command of this version says so in its description; of a group its first one does. */
function isLater(name: string): boolean {
  const found = front.subCommands?.find((c) => c.name === name);
  return (found?.subCommands?.[0] ?? found)?.description?.includes('cannot do it yet') ?? false;
}

test('the daemon refuses the commands that are not there yet, and no other', () => {
  const used = ['upgrade', 'deploy', 'rebase', 'rollback', 'cleanup', 'reset', 'kargs', 'finalize-deployment'];
  expect([...used, ...NOT_YET].filter(isLater)).toEqual([...NOT_YET]);
});

test('polkit has an action for each that the daemon asks for', () => {
  const policy = data('org.aptostree1.policy');
  const source = readFileSync(join(import.meta.dirname, '../../tools/apt-ostreed/src/authorize.ts'), 'utf8');
  const asked = [...source.matchAll(/^ {2}\| '([\w-]+)'/gm)].map((m) => `org.aptostree1.${m[1]}`);
  const there = [...policy.matchAll(/<action id="([^"]+)"/g)].map((m) => m[1]);
  expect(there.sort()).toEqual(asked.sort());
});
