import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { type PackageSpec, temporary, tool, tree } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { archives, text } from '../archives.ts';

// Real dpkg is the judge: the same packages, unpacked by it in the same order, must give the same tree and database.

const cases: Record<string, PackageSpec[]> = {
  'owners, modes, links': [
    {
      name: 'aa',
      conffiles: ['/etc/a.conf'],
      files: {
        '/usr/bin/a': { content: 'a', mode: 0o2755, gid: 42 },
        '/usr/bin/hard': { hardlink: '/usr/bin/a', mode: 0o2755, gid: 42 },
        '/var/spool/a': { directory: true, mode: 0o1770, uid: 8, gid: 8 },
        '/usr/share/a/link': { link: '../../bin/a' },
        '/usr/share/a/absolute': { link: '/etc/a.conf' },
        '/etc/a.conf': 'conf',
        [`/usr/share/a/${'long'.repeat(22)}`]: 'x',
      },
    },
    { name: 'bb', files: { '/var/spool/a/b': 'b', '/usr/bin/b': '' } },
  ],
  'a later package replaces a path': [
    { name: 'aa', files: { '/usr/bin/x': 'a', '/usr/bin/y': 'a' } },
    { name: 'bb', control: { Replaces: 'aa (<< 2.0)' }, files: { '/usr/bin/x': 'b' } },
  ],
  'an earlier package replaces a path': [
    { name: 'aa', control: { Replaces: 'bb' }, files: { '/usr/bin/x': 'a' } },
    { name: 'bb', files: { '/usr/bin/x': 'b', '/usr/bin/y': 'b' } },
  ],
  'a conffile is replaced': [
    { name: 'aa', conffiles: ['/etc/x'], files: { '/etc/x': 'a', '/usr/a': '' } },
    { name: 'bb', conffiles: ['/etc/x'], control: { Replaces: 'aa' }, files: { '/etc/x': 'b' } },
  ],
  'a directory over a link to a directory': [
    { name: 'aa', files: { '/usr/share/real/x': 'x', '/usr/share/alias': { link: 'real' } } },
    { name: 'bb', files: { '/usr/share/alias/y': 'y' } },
  ],
  'triggers and several conffiles': [
    {
      name: 'aa',
      triggers: 'interest-noawait /usr/share/a',
      conffiles: ['/etc/one', '/etc/two'],
      files: { '/etc/one': '1', '/etc/two': '2', '/usr/share/a/x': '' },
    },
  ],
};

let inside: string[];

beforeAll(() => {
  const asUser = ['unshare', '--user', '--map-root-user', '--map-auto', '--'];
  inside = process.getuid?.() === 0 ? [] : asUser;
});

describe.each(Object.entries(cases))('%s', (_, specs) => {
  test('tree and database are those of dpkg', async () => {
    const at = temporary(onTestFinished);
    const [ours, theirs, cachedir] = ['ours', 'theirs', 'cache'].map((name) => join(at, name)) as [
      string,
      string,
      string,
    ];
    const manifest = await archives(cachedir, specs);
    const result = await tool('aot-unpack', ['--rootfs', ours, '--cachedir', cachedir, '-q'], {
      stdin: text(manifest),
    });
    expect(result.stderr).toBe('');
    mkdirSync(theirs);
    if (existsSync(join(ours, 'usr/bin'))) symlinkSync('usr/bin', join(theirs, 'bin')); // who makes a tree does, not dpkg
    await unpackWithDpkg(
      theirs,
      manifest.archives.map((a) => join(cachedir, a.file as string)),
    );
    const [one, two] = await Promise.all([ours, theirs].map(comparable));
    expect(one).toEqual(two);
    expect(await database(ours)).toEqual(await database(theirs));
  });
});

async function unpackWithDpkg(root: string, debs: string[]): Promise<void> {
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg/info'));
  mkdirSync(join(root, 'var/lib/dpkg/updates'));
  for (const empty of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', empty), '');
  const dpkg = ['dpkg', `--root=${root}`, '--force-not-root', '--log=/dev/null', '--no-triggers', '--unpack', ...debs];
  const [file, ...args] = [...inside, ...dpkg] as [string, ...string[]];
  await run(file, args);
}

/** All that packages brought, without dpkg's working files; owners as seen inside. */
async function comparable(root: string): Promise<Record<string, string>> {
  const all = Object.entries(tree(root)).filter(
    ([path]) => !/^var\/lib\/(dpkg|apt)(\/(?!info\/.)|$)|^var(\/lib)?$/.test(path),
  );
  return Object.fromEntries(all.filter(([path]) => path !== 'var/lib/dpkg/info/format'));
}

async function database(root: string): Promise<string[]> {
  const { stdout } = await run('dpkg-query', [
    `--admindir=${join(root, 'var/lib/dpkg')}`,
    ...['-W', '-f', '${binary:Package}|${Status}|${Version}|${Conffiles}|${Replaces}\n'],
  ]);
  return [...stdout.split('\n'), readFileSync(join(root, 'var/lib/dpkg/info/format'), 'utf8')];
}
