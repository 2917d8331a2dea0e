import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyOrigin, type Origin } from '@apt-ostree/host';
import { temporary } from '@apt-ostree/testkit';
import { describe, expect, test } from 'vitest';
import { parseHolder } from '../src/host/cancel/cancel.ts';
import { requireNewer } from '../src/host/change/older.ts';
import { pinnedTo, rebasedTo, rebasedToImage } from '../src/host/change/origins.ts';
import { pullError } from '../src/host/change/pull-error.ts';
import { refuseBoth, refuseLater } from '../src/host/change/refuse.ts';
import { wantsEd25519 } from '../src/host/change/remote.ts';
import { parseRevision } from '../src/host/deploy/revision.ts';
import { onlyCommit } from '../src/host/deploy-from-self/deploy-from-self.ts';
import { parseEdited } from '../src/host/kargs/editor.ts';
import { ofRunningKernel } from '../src/host/kargs/proc-cmdline.ts';
import { newBase } from '../src/host/rebase/base-of.ts';
import { dropped } from '../src/host/reset/reset.ts';
import { followed, requireConfigured } from '../src/host/upgrade/followed.ts';

const SUM = 'a'.repeat(64);
const origin = (more: Partial<Origin>): Origin => ({ ...emptyOrigin(), ...more });

describe('a revision', () => {
  test.each([
    ['13.1', { version: '13.1' }],
    ['version=13.1', { version: '13.1' }],
    ['VERSION=a=b', { version: 'a=b' }],
    [SUM, { checksum: SUM }],
    [`Revision=${SUM}`, { checksum: SUM }],
    [`version=${SUM}`, { version: SUM }],
  ])('%s', (text, wanted) => {
    expect(parseRevision(text)).toEqual(wanted);
  });
  test.each(['', ' ', 'version=', 'revision=', 'revision=abc', `revision=${SUM}0`])("'%s' names nothing", (text) => {
    expect(() => parseRevision(text)).toThrow('cannot deploy');
  });
});

describe('the base of a rebase', () => {
  const now = { remote: 'debian', branch: 'a/b' };
  const base = (refspec: string | undefined, branch?: string, remote?: string) =>
    newBase({ refspec, branch, remote }, now);
  const branch = (remote: string | undefined, name: string) => ({
    kind: 'branch',
    refspec: { remote, branch: name },
  });
  test.each([
    [base('c/d'), branch('debian', 'c/d')],
    [base('other:c/d'), branch('other', 'c/d')],
    [base('other:'), branch('other', 'a/b')],
    [base(':c/d'), branch(undefined, 'c/d')],
    [base(':a/b'), branch(undefined, 'a/b')],
    [base(undefined, 'c/d'), branch('debian', 'c/d')],
    [base(undefined, undefined, 'other'), branch('other', 'a/b')],
    [base(undefined, 'c/d', 'other'), branch('other', 'c/d')],
    [base(SUM), { kind: 'commit', checksum: SUM }],
    [base('/a:b/repo:c/d'), { kind: 'local', path: '/a:b/repo', ref: 'c/d' }],
    [base('ostree-unverified-registry:h/n:t'), { kind: 'image', reference: 'ostree-unverified-registry:h/n:t' }],
  ])('%j', (found, wanted) => {
    expect(found).toEqual(wanted);
  });
  test.each(['a/b', 'debian:', 'debian:a/b'])("'%s' is the base already", (text) => {
    expect(() => base(text)).toThrow('Old and new refs are equal: debian:a/b');
  });
  test('without a branch to follow', () => {
    expect(() => newBase({ refspec: 'other:', branch: undefined, remote: undefined }, undefined)).toThrow(
      'no branch is followed now',
    );
    expect(newBase({ refspec: 'x', branch: undefined, remote: undefined }, undefined)).toEqual(branch(undefined, 'x'));
  });
});

describe('what an upgrade follows', () => {
  test('a branch, also when a commit of it was deployed', () => {
    expect(followed(origin({ refspec: 'r:b', overrideCommit: SUM }))).toEqual({ remote: 'r', branch: 'b' });
  });
  test.each([
    [origin({ refspec: SUM }), 'Pinned to commit; no upgrade available'],
    [origin({ refspec: SUM, customDescription: 'x' }), "Pinned to commit by 'x'; no upgrade available"],
    [origin({}), 'names no branch'],
  ])('nothing: %#', (of, reason) => {
    expect(() => followed(of)).toThrow(reason);
  });
  test('not before what the origin asks for is done; another base does not ask for it', () => {
    const asks = origin({ refspec: 'r:b', unconfiguredState: 'register first' });
    expect(() => requireConfigured(asks)).toThrow('the origin is not configured: register first');
    const none = { url: undefined, description: undefined };
    requireConfigured(rebasedTo(asks, 'r:c', undefined, none));
    requireConfigured(rebasedToImage(asks, 'ostree-unverified-registry:h/n:t', none));
  });
});

describe('origins', () => {
  const old = origin({
    refspec: 'r:b',
    customUrl: 'u',
    packages: { requested: ['htop'], requestedLocal: [], requestedLocalFileoverride: [] },
    rest: { 'libostree-transient': { pinned: 'true' }, other: { key: 'value' } },
  });
  test('a pin of the deployment is not carried over; what we do not know is', () => {
    const now = pinnedTo(old, SUM);
    expect(now).toMatchObject({ overrideCommit: SUM, refspec: 'r:b', rest: { other: { key: 'value' } } });
    expect(now.rest).not.toHaveProperty('libostree-transient');
  });
  test('a rebase keeps the layers and drops the custom origin', () => {
    const now = rebasedTo(old, 'r:c', undefined, { url: undefined, description: undefined });
    expect(now).toMatchObject({ refspec: 'r:c', customUrl: undefined, packages: { requested: ['htop'] } });
  });
  test('reset drops what is asked for, or everything', () => {
    const full = origin({
      ...old,
      regenerateInitramfs: true,
      overrides: { remove: ['a'], replaceLocal: [], replace: [] },
    });
    const none = { overlays: false, overrides: false, initramfs: false };
    expect(dropped(full, { ...none, overlays: true })).toMatchObject({
      packages: { requested: [] },
      overrides: { remove: ['a'] },
      regenerateInitramfs: true,
    });
    expect(dropped(full, none)).toMatchObject({
      packages: { requested: [] },
      overrides: { remove: [] },
      regenerateInitramfs: false,
      refspec: 'r:b',
    });
  });
});

describe('a pull that failed', () => {
  const repo = () => {
    const path = temporary();
    mkdirSync(join(path, 'tmp'));
    return path;
  };
  const X = 'b'.repeat(64);
  test.each([
    [`error: Commit ${X}: GPG verification enabled, but no signatures found (use gpg-verify=false)`, 'unsigned'],
    [`error: Commit ${X}: Can't check signature: public key not found`, 'bad-signature'],
    ['error: Server returned HTTP 404', 'not-there'],
    [`error: While fetching http://h/objects/bb/${X}.filez: Server returned HTTP 404`, 'incomplete'],
    [`error: While fetching http://h/objects/bb/${X}.dirtree: Server returned HTTP 404`, 'incomplete'],
    [`error: While fetching http://h/objects/bb/${X}.commit: Server returned HTTP 404`, 'not-there'],
    ["error: Refspec 'nope' not found", 'no-such-ref'],
    ["error: While fetching http://h/config: [7] Couldn't connect to server", 'unavailable'],
    [`error: Corrupted file object; checksum expected='${X}' actual='${SUM}'`, 'damaged'],
    ["error: min-free-space-percent '3%' would be exceeded, at least 5 MB requested", 'full'],
    ['error: something else', 'pull-failed'],
    ['', 'pull-failed'],
  ])('%s', (stderr, code) => {
    const error = pullError(stderr, 'vendor', 'a/b', repo());
    expect(error).toMatchObject({ code });
    expect(error.message).toContain("from remote 'vendor'");
    expect(error.message).toContain("cannot pull 'a/b'");
  });
  test('a full disk: what is free, and what libostree wants', () => {
    const wants = "min-free-space-percent '3%' would be exceeded, at least 5 MB requested";
    expect(pullError(`error: ${wants}`, 'vendor', 'a/b', repo()).message).toMatch(
      /: the disk is full, \d+\.\d MB are free on '.+': min-free-space.*at least 5 MB requested$/,
    );
  });
});

test('an older commit', () => {
  const at = (checksum: string, timestamp: number) => ({ checksum, timestamp });
  expect(() => requireNewer(at('x', 2), at('y', 1), 'hint')).toThrow('it is chronologically older');
  expect(() => requireNewer(at('x', 2), at('y', 2), 'hint')).not.toThrow();
});

test('options that contradict each other or are not there yet', () => {
  expect(() => refuseBoth({ a: true, b: ['x'] }, 'a', 'c', 'b')).toThrow("cannot specify both '--a' and '--b'");
  expect(() => refuseBoth({ a: true, b: [], c: false }, 'a', 'b', 'c')).not.toThrow();
  expect(() => refuseLater({ install: [], driver: undefined }, 'install', 'driver')).not.toThrow();
  expect(() => refuseLater({ driver: '' }, 'driver')).toThrow("not in this version: '--driver'");
});

test('signatures that a remote wants', () => {
  for (const text of ['true', 'ed25519', 'dummy,ed25519']) expect(wantsEd25519(text), text).toBe(true);
  for (const text of ['', 'false', 'dummy']) expect(wantsEd25519(text), text).toBe(false);
});

test('what the holder of a lock says', () => {
  expect(parseHolder('apt-ostree upgrade (process 12)')).toEqual({ title: 'upgrade', pid: 12 });
  expect(parseHolder('aot-deploy kargs (process 3)')).toEqual({ title: 'aot-deploy kargs', pid: 3 });
  expect(() => parseHolder('another process')).toThrow('cannot cancel');
});

test('kernel arguments of the running kernel and of the editor', () => {
  expect(ofRunningKernel('BOOT_IMAGE=/x initrd=/y ostree=/ostree/boot.1/a rw a="b c"\n')).toEqual(['rw', 'a="b c"']);
  expect(parseEdited('# help\n\nrw\n  # more\na=1 b\n')).toEqual(['rw', 'a=1', 'b']);
  for (const text of ['', '# rw', 'ostree=/x', 'a="b']) expect(() => parseEdited(text), text).toThrow('cannot');
});

test('a container has one commit', () => {
  const repo = temporary();
  expect(() => onlyCommit(repo)).toThrow('this is no container');
  const put = (name: string) => {
    mkdirSync(join(repo, 'objects', name.slice(0, 2)), { recursive: true });
    writeFileSync(join(repo, 'objects', name.slice(0, 2), name.slice(2)), '');
  };
  put(`${SUM}.dirtree`);
  expect(() => onlyCommit(repo)).toThrow('has 0 commits, not one');
  put(`${SUM}.commit`);
  expect(onlyCommit(repo)).toBe(SUM);
  put(`${'b'.repeat(64)}.commit`);
  expect(() => onlyCommit(repo)).toThrow('has 2 commits, not one');
});
