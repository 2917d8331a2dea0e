import { HOSTILITIES, type Hostility, hostileDeb } from '@apt-ostree/testkit';
import { expect, test } from 'vitest';
import { importDeb } from '../src/index.ts';
import { chunks, MemoryStore } from './store.ts';

/** What the message says after the name of the package. */
const WHY: Record<Hostility, RegExp> = {
  'absolute-path': /path '\/etc\/hostile' is absolute/,
  'parent-path': /path '.*' leads out of the tree/,
  'leading-parent-path': /leads out of the tree/,
  'empty-name': /is not in its plain form/,
  'symlink-outside': /link '\/usr\/out' leads out of the tree, to '\.\.\/\.\.\/\.\.\/\.\.\/etc'/,
  'write-through-symlink': /path through '\/usr\/out', which it ships as a symlink/,
  'write-through-relative-symlink': /leads out of the tree/,
  'file-over-symlink': /'\/usr\/out' is there twice/,
  'hardlink-outside': /leads out of the tree/,
  'hardlink-absolute': /is absolute/,
  'hardlink-missing': /hard link '\/usr\/hard' has no target/,
  'character-device': /'\/usr\/null' is a chardev/,
  'block-device': /'\/usr\/disk' is a blockdev/,
  fifo: /'\/usr\/pipe' is a fifo/,
  'duplicate-entry': /'\/usr\/twice' is there twice/,
  'file-and-directory': /path through '\/usr\/both', which it ships as a file/,
  'duplicate-member': /surplus member 'data.tar.xz'/,
  'no-control-member': /'data.tar.xz' where 'control.tar' must be/,
  'no-data-member': /no member 'data.tar'/,
  'no-version-member': /begins with 'control.tar.xz'/,
  'other-version-member': /its format is '3.0'/,
  'data-before-control': /'data.tar.xz' where 'control.tar' must be/,
  'unknown-member': /surplus member 'evil'/,
  'no-control-file': /no control member 'control'/,
  'control-path-outside': /impossible member '\.\.\/\.\.\/hostile'/,
  'control-symlink': /control member 'control' is a symlink/,
  'other-name': /its package is 'another', not 'hostile'/,
  'other-version': /its version is '6\.6\.6'/,
  'other-architecture': /its architecture is 'hurd-i386'/,
  'broken-control': /its control file cannot be read/,
  truncated: /ends within member 'data.tar.xz'/,
  'truncated-early': /ends within a member header/,
  'not-compressed': /: xz: /,
  'not-an-archive': /not an ar archive/,
  empty: /not an ar archive/,
  bomb: /member '\/usr\/share\/hostile\/bomb' is too large/,
};

test.each(HOSTILITIES)('%s is refused', async (kind) => {
  const deb = await hostileDeb(kind);
  const wanted = { deb: 'hostile.deb', size: deb.length, name: 'hostile', version: '1.0-1', architecture: 'all' };
  const error = await importDeb(chunks(deb), wanted, new MemoryStore()).catch((e: unknown) => e);
  expect(error).toMatchObject({ name: 'AotError', exit: 65, code: 'bad-package' });
  expect((error as Error).message).toMatch(/^cannot unpack 'hostile\.deb': /);
  expect((error as Error).message).toMatch(WHY[kind]);
});
