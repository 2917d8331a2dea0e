import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildDeb, fullDisk, temporary, tinySystem, tree } from '../src/index.ts';

test('in the tiny system dpkg installs and configures packages', async () => {
  const root = temporary(onTestFinished);
  const [base] = await tinySystem();
  const extra = {
    name: 'extra',
    files: { '/etc/extra.conf': 'x\n', '/usr/share/extra/a': 'a\n' },
    conffiles: ['/etc/extra.conf'],
    scripts: {
      preinst: 'dpkg-divert --quiet --add --rename --divert /etc/old /etc/new',
      postinst:
        'if [ "$1" = triggered ]; then echo "$2" > /triggered; exit 0; fi\nldconfig; mkdir -p /var/lib/extra; id -u > /var/lib/extra/id',
    },
    triggers: 'interest-noawait /usr/share/other',
  };
  const other = { name: 'other', files: { '/usr/share/other/a': 'b\n' } };
  await run('sh', [
    '-c',
    'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2"',
    'sh',
    save(root, await buildDeb(base!)),
    root,
  ]);
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  for (const spec of [base!, extra, other]) save(root, await buildDeb(spec), `${spec.name}.deb`);
  const dpkg = (...args: string[]) =>
    run('chroot', [root, 'dpkg', ...args], { env: { PATH: '/usr/sbin:/usr/bin', LC_ALL: 'C' } });
  const { stdout } = await dpkg('--install', 'tiny-base.deb', 'extra.deb');
  await dpkg('--install', 'other.deb');
  expect(stdout).toContain('Setting up extra (1.0-1)');
  const found = tree(root);
  expect(found).toMatchObject({ bin: 'link → usr/bin', 'etc/extra.conf': expect.stringMatching(/^file 0644 0:0/) });
  expect(existsSync(join(root, 'triggered'))).toBe(true);
  expect(existsSync(join(root, 'var/lib/extra/id'))).toBe(true);
  expect((await dpkg('--audit')).stdout).toBe('');
});

function save(root: string, deb: Buffer, name = 'a.deb'): string {
  writeFileSync(join(root, name), deb);
  return join(root, name);
}

describe('a full disk', () => {
  test('is full for those inside, seen from outside, and gone afterwards', async () => {
    const disk = await fullDisk(1);
    const [program, ...prefix] = disk.prefix as [string, ...string[]];
    const fill = await run(program, [...prefix, 'dd', 'if=/dev/zero', `of=${disk.path}/big`, 'bs=64k'], { ok: 'any' });
    expect(fill.stderr).toContain('No space left on device');
    expect(existsSync(join(disk.outside, 'big'))).toBe(true);
    expect(existsSync(join(disk.path, 'big'))).toBe(false);
    await disk.close();
    expect(existsSync(disk.outside)).toBe(false);
  });
});
