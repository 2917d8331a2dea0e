import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  buildDeb,
  type Compression,
  HOSTILITIES,
  hostileDeb,
  type PackageSpec,
  temporary,
  tree,
} from '../src/index.ts';

const sample: PackageSpec = {
  name: 'sample',
  version: '1:2.0-3',
  files: {
    '/usr/bin/sample': '#!/bin/sh\n',
    '/usr/share/sample/data': { content: Buffer.from([0, 1]), uid: 33, gid: 34, mode: 0o640 },
    '/usr/share/sample/link': { link: 'data' },
    '/usr/share/sample/hard': { hardlink: '/usr/share/sample/data' },
    '/etc/sample.conf': 'answer = 42\n',
    '/var/lib/sample': { directory: true, mode: 0o700 },
  },
  control: { Depends: 'base (>= 1)' },
  scripts: { postinst: 'echo configured' },
  conffiles: ['/etc/sample.conf'],
  triggers: 'interest-noawait /usr/share/sample',
};

function save(deb: Buffer): string {
  const path = join(temporary(onTestFinished), 'a.deb');
  writeFileSync(path, deb);
  return path;
}

const deb = async (args: string[]) => (await run('dpkg-deb', args, { env: { TZ: 'UTC' }, ok: 'any' })).stdout;

describe('packages that dpkg-deb reads', () => {
  test.each(['xz', 'gz', 'zst', 'none'] as Compression[])('compressed with %s', async (compression) => {
    const path = save(await buildDeb({ ...sample, compression }));
    expect(await deb(['--field', path, 'Package', 'Version', 'Depends'])).toBe(
      'Package: sample\nVersion: 1:2.0-3\nDepends: base (>= 1)\n',
    );
    const extracted = join(temporary(onTestFinished), 'x');
    await run('dpkg-deb', ['--raw-extract', path, extracted]);
    const found = tree(extracted);
    expect(found['usr/bin/sample']).toMatch(/^file 0755 0:0 /);
    expect(found['usr/share/sample/data']).toMatch(/^file 0640 33:34 /);
    expect(found['usr/share/sample/hard']).toBe(found['usr/share/sample/data']);
    expect(found['usr/share/sample/link']).toBe('link → data');
    expect(found['var/lib/sample']).toBe('dir 0700 0:0');
    expect(Object.keys(found).filter((f) => f.startsWith('DEBIAN/'))).toEqual(
      ['conffiles', 'control', 'md5sums', 'postinst', 'triggers'].map((f) => `DEBIAN/${f}`),
    );
    expect(found['DEBIAN/postinst']).toMatch(/^file 0755/);
  });

  test('every entry stands below its directory', async () => {
    const listing = await deb(['--contents', save(await buildDeb(sample))]);
    expect(listing.split('\n').map((line) => line.replace(/^.* \d\d:\d\d /, ''))).toEqual([
      './',
      './etc/',
      './etc/sample.conf',
      './usr/',
      './usr/bin/',
      './usr/bin/sample',
      './usr/share/',
      './usr/share/sample/',
      './usr/share/sample/data',
      './usr/share/sample/link -> data',
      './var/',
      './var/lib/',
      './var/lib/sample/',
      './usr/share/sample/hard link to ./usr/share/sample/data',
      '',
    ]);
  });

  test('the same specification gives the same bytes', async () => {
    expect(Buffer.compare(await buildDeb(sample), await buildDeb(sample))).toBe(0);
  });
});

describe('hostile packages', () => {
  test('each is another than the sane one', async () => {
    const light = HOSTILITIES.filter((kind) => kind !== 'bomb');
    const built = await Promise.all(light.map((kind) => hostileDeb(kind)));
    expect(new Set(built.map((bytes) => bytes.toString('latin1'))).size).toBe(light.length);
  });

  test('names stand in the archive as they were given', async () => {
    const listing = await deb(['--contents', save(await hostileDeb('absolute-path'))]);
    expect(listing).toContain(' /etc/hostile\n');
    expect(await deb(['--contents', save(await hostileDeb('leading-parent-path'))])).toContain(' ../hostile\n');
  });

  test('the bomb is small and unpacks to much', async () => {
    const bomb = await hostileDeb('bomb');
    expect(bomb.length).toBeLessThan(1e6);
    expect(await deb(['--contents', save(bomb)])).toContain('2147483648');
  });
});
