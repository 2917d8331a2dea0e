import { expect, test } from 'vitest';
import {
  emptyOrigin,
  formatOrigin,
  isLayered,
  isPinned,
  originRefspec,
  parseOrigin,
  parseRefspec,
  withoutTransient,
} from '../src/index.ts';

const LAYERED = `# a comment
[origin]
baserefspec=debian:os/amd64/main
override-commit=${'a'.repeat(64)}
custom-description=first\\nsecond
unlocked=hotfix

[packages]
requested=htop;strace;
requested-local=${'b'.repeat(64)}:tool_1.0_amd64;

[overrides]
remove=nano;
replace=repo=testing,podman,foo;

[rpmostree]
regenerate-initramfs=true
initramfs-etc=/etc/vconsole.conf;/etc/a\\;b;
ex-cliwrap=true

[libostree-transient]
pinned=true
`;

test('reads every key, and keeps what it does not know', () => {
  const origin = parseOrigin(LAYERED, 'x.origin');
  expect(origin).toEqual({
    ...emptyOrigin(),
    refspec: 'debian:os/amd64/main',
    overrideCommit: 'a'.repeat(64),
    customDescription: 'first\nsecond',
    packages: {
      requested: ['htop', 'strace'],
      requestedLocal: [`${'b'.repeat(64)}:tool_1.0_amd64`],
      requestedLocalFileoverride: [],
    },
    overrides: { remove: ['nano'], replaceLocal: [], replace: ['repo=testing,podman,foo'] },
    regenerateInitramfs: true,
    initramfsEtc: ['/etc/vconsole.conf', '/etc/a;b'],
    rest: {
      origin: { unlocked: 'hotfix' },
      rpmostree: { 'ex-cliwrap': 'true' },
      'libostree-transient': { pinned: 'true' },
    },
  });
  expect(isPinned(origin)).toBe(true);
});

test('what is written reads the same', () => {
  const origin = parseOrigin(LAYERED, 'x.origin');
  expect(parseOrigin(formatOrigin(origin), 'y.origin')).toEqual(origin);
  expect(formatOrigin(origin)).toContain('requested=htop;strace;\n');
});

test('a refspec is a base only while something is assembled on it', () => {
  const origin = { ...emptyOrigin(), refspec: 'os' };
  expect(formatOrigin(origin)).toBe('[origin]\nrefspec=os\n');
  const layered = { ...origin, packages: { ...origin.packages, requested: ['htop'] } };
  expect(formatOrigin(layered)).toBe('[origin]\nbaserefspec=os\n\n[packages]\nrequested=htop;\n');
  expect([isLayered(origin), isLayered(layered)]).toEqual([false, true]);
});

test('a further deployment is neither pinned nor unlocked', () => {
  const origin = withoutTransient(parseOrigin(LAYERED, 'x.origin'));
  expect(isPinned(origin)).toBe(false);
  expect(formatOrigin(origin)).not.toMatch(/unlocked|libostree-transient/);
  expect(origin.rest.rpmostree).toEqual({ 'ex-cliwrap': 'true' });
});

test.each([
  ['refspec=os\n', "cannot read 'x.origin': line 1: it is in no group"],
  ['[origin]\nrefspec\n', "cannot read 'x.origin': line 2: it is neither '[group]' nor 'key=value'"],
  ['[origin\nrefspec=a\n', "cannot read 'x.origin': line 1: it is neither '[group]' nor 'key=value'"],
  ['\0\0\0\0', "cannot read 'x.origin': line 1: it is neither '[group]' nor 'key=value'"],
  [
    '[origin]\nrefspec=a\ncontainer-image-reference=b\n',
    "cannot use 'x.origin': it has both a refspec and a container image",
  ],
  [
    '[rpmostree]\nregenerate-initramfs=maybe\n',
    "cannot use 'x.origin': 'regenerate-initramfs' is 'maybe', not 'true' or 'false'",
  ],
])('refuses %j', (text, message) => {
  expect(() => parseOrigin(text, 'x.origin')).toThrow(expect.objectContaining({ message, exit: 65 }));
});

test('refspecs', () => {
  expect(parseRefspec('debian:os/amd64/main')).toEqual({ remote: 'debian', branch: 'os/amd64/main' });
  expect(parseRefspec('os')).toEqual({ remote: undefined, branch: 'os' });
  for (const bad of ['', ':os', 'a:b:c', 'os/', '/os', '../os', 'o s', 'a:']) {
    expect(() => parseRefspec(bad)).toThrow(expect.objectContaining({ exit: 64 }));
  }
  expect(originRefspec({ ...emptyOrigin(), refspec: 'c'.repeat(64) })).toBeUndefined();
  expect(originRefspec({ ...emptyOrigin(), refspec: 'a:b' })).toEqual({ remote: 'a', branch: 'b' });
});
