import type { Context } from '@apt-ostree/cli';
import { expect, test } from 'vitest';
import { argumentsFor } from '../src/arguments-for.ts';
import { chooseIndex } from '../src/choose-index.ts';
import { superfluous } from '../src/cleanup.ts';
import { chooseNext } from '../src/rollback.ts';
import { staging } from '../src/staging.ts';
import { sysrootOf } from './fixture.ts';

const letters = (deployments: { checksum: string }[]): string => deployments.map((d) => d.checksum[0]).join('');

test('a booted default rolls back to the one behind it, another default to the booted one', () => {
  expect(chooseNext(sysrootOf({ letter: 'a', booted: true }, { letter: 'b' }), 'debian').index).toBe(1);
  expect(chooseNext(sysrootOf({ letter: 'a' }, { letter: 'b', booted: true }, { letter: 'c' }), 'debian').index).toBe(
    1,
  );
  expect(chooseNext(sysrootOf({ letter: 'a' }, { letter: 'b' }), 'debian').index).toBe(1);
});

test('a rollback skips deployments of another stateroot', () => {
  const sysroot = sysrootOf({ letter: 'a', booted: true }, { letter: 'b', stateroot: 'ubuntu' }, { letter: 'c' });
  expect(letters([chooseNext(sysroot, 'debian')])).toBe('c');
});

test('there is nothing to roll back to beside one deployment, and none past a staged one', () => {
  expect(() => chooseNext(sysrootOf({ letter: 'a', booted: true }), 'debian')).toThrow(
    "'debian' has no other deployment",
  );
  const staged = sysrootOf({ letter: 'a', staged: true }, { letter: 'b', booted: true }, { letter: 'c' });
  expect(() => chooseNext(staged, 'debian')).toThrow(expect.objectContaining({ code: 'staged' }));
});

test('cleanup takes what comes before and behind the booted one, from the end, and never a pinned one', () => {
  const sysroot = sysrootOf(
    { letter: 'a', staged: true },
    { letter: 'b' },
    { letter: 'c', booted: true },
    { letter: 'd', pinned: true },
    { letter: 'e', stateroot: 'ubuntu' },
    { letter: 'f' },
  );
  const going = (pending: boolean, rollback: boolean) => letters(superfluous(sysroot, 'debian', { pending, rollback }));
  expect(going(true, false)).toBe('ba');
  expect(going(false, true)).toBe('f');
  expect(going(true, true)).toBe('fba');
  expect(letters(superfluous(sysroot, 'ubuntu', { pending: true, rollback: true }))).toBe('e');
});

test('arguments are those of the next boot', () => {
  const asked = { only: [], append: [], delete: [], fresh: false };
  const booted = sysrootOf(
    { letter: 'a', kernelArguments: ['x'] },
    { letter: 'b', booted: true, kernelArguments: ['y'] },
  );
  expect(argumentsFor(booted, 'debian', asked)).toEqual(['x']);
  expect(argumentsFor(booted, 'debian', { ...asked, append: ['z'] })).toEqual(['x', 'z']);
  expect(argumentsFor(booted, 'debian', { ...asked, only: ['y'] })).toEqual(['y']);
  expect(argumentsFor(booted, 'debian', { ...asked, fresh: true })).toBeUndefined();
  expect(argumentsFor(booted, 'debian', { ...asked, fresh: true, append: ['z'] })).toEqual(['z']);
  expect(() => argumentsFor(booted, 'debian', { ...asked, delete: ['y'] })).toThrow("no key 'y' found");
});

test("libostree's own choice is left to it", () => {
  const asked = { only: [], append: [], delete: [], fresh: false };
  expect(argumentsFor(sysrootOf({ letter: 'a', kernelArguments: ['x'] }), 'debian', asked)).toBeUndefined();
  expect(argumentsFor(sysrootOf(), 'debian', asked)).toBeUndefined();
});

test('an index is a number, and there', () => {
  const sysroot = sysrootOf({ letter: 'a' }, { letter: 'b' });
  expect(chooseIndex(sysroot, '1').index).toBe(1);
  for (const wrong of ['-1', 'one', '', '1.5']) expect(() => chooseIndex(sysroot, wrong)).toThrow('no number');
  expect(() => chooseIndex(sysroot, '2')).toThrow(
    expect.objectContaining({ exit: 66, hint: 'it has 2, counted from 0' }),
  );
  expect(() => chooseIndex(sysrootOf(), '0')).toThrow(expect.objectContaining({ hint: 'it has none' }));
});

test('a booted system stages; another cannot, and says what it does instead', () => {
  const notes: string[] = [];
  const context = { note: (text: string) => notes.push(text) } as unknown as Context;
  const booted = sysrootOf({ letter: 'a', booted: true });
  const mounted = sysrootOf({ letter: 'a' });
  expect(staging(booted, { asked: false, locked: false }, context)).toBe(true);
  expect(staging(booted, { asked: false, locked: false, direct: true }, context)).toBe(false);
  expect(notes).toEqual([]);
  expect(staging(mounted, { asked: false, locked: false }, context)).toBe(false);
  expect(notes).toEqual(["'/sysroot' is not booted: the deployment is written at once, not staged"]);
  expect(() => staging(mounted, { asked: true, locked: false }, context)).toThrow("cannot use '--stage'");
  expect(() => staging(mounted, { asked: false, locked: true }, context)).toThrow("cannot use '--lock-finalization'");
});

test('without a booted system the default counts as booted', () => {
  const sysroot = sysrootOf({ letter: 'a' }, { letter: 'b' });
  expect(letters(superfluous(sysroot, 'debian', { pending: true, rollback: false }))).toBe('');
  expect(letters(superfluous(sysroot, 'debian', { pending: false, rollback: true }))).toBe('b');
});
