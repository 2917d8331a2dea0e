import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@apt-ostree/run';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Archive,
  type ArchiveOptions,
  buildArchive,
  hostArchitecture,
  signingKey,
  temporary,
} from '../src/index.ts';

/** apt, with nothing of this machine in it. */
async function apt(archive: Archive, ...args: string[]) {
  const root = temporary(onTestFinished);
  for (const dir of [
    'etc/sources.list.d',
    'etc/apt.conf.d',
    'etc/preferences.d',
    'lists/partial',
    'cache/archives/partial',
  ])
    mkdirSync(join(root, dir), { recursive: true });
  writeFileSync(join(root, 'etc/sources.list.d/a.sources'), archive.sources());
  writeFileSync(join(root, 'status'), '');
  const settings = [
    `Dir::Etc=${root}/etc`,
    `Dir::State::Lists=${root}/lists`,
    `Dir::State::status=${root}/status`,
    `Dir::Cache=${root}/cache`,
    `APT::Architecture=${hostArchitecture()}`,
    'APT::Sandbox::User=root',
  ];
  const config = join(root, 'apt.conf');
  writeFileSync(config, settings.map((s) => s.replace(/=(.*)$/, ' "$1";\n')).join(''));
  const call = (words: string[]) =>
    run('apt-get', words, { env: { APT_CONFIG: config, LC_ALL: 'C.UTF-8' }, ok: 'any', clearEnv: false });
  const update = await call(['update', '--error-on=any']);
  return { update, result: args.length > 0 ? await call(args) : update };
}

const packages = [
  { name: 'sample', files: { '/usr/share/sample': 'a\n' }, control: { Depends: 'base' } },
  { name: 'base', version: '1:2-1' },
];
const make = (options: Partial<ArchiveOptions> = {}) => buildArchive({ packages, ...options });

describe('apt takes', () => {
  test.each<[string, Partial<ArchiveOptions>]>([
    ['a plain archive', {}],
    ['a flat archive', { flat: true }],
    ['an archive without by-hash', { byHash: false }],
    ['a detached signature', { detached: true }],
    ['an archive that is valid for a while', { validUntil: new Date(Date.now() + 3_600_000) }],
  ])('%s', async (_, options) => {
    const { update, result } = await apt(await make(options), 'install', '--print-uris', '-y', 'sample');
    expect(update.stderr).toBe('');
    expect(result.stdout).toMatch(/sample_1\.0-1_all\.deb/);
    expect(result.stdout).toMatch(/base_/);
  });

  test('an archive with several signers of which it knows one', async () => {
    const [a, b] = [await signingKey('one'), await signingKey('two')];
    const { update } = await apt(await make({ signers: [a, b], signedBy: [b] }));
    expect(update).toMatchObject({ exitCode: 0 });
  });
});

describe('apt refuses', () => {
  test.each<[string, () => Promise<Partial<ArchiveOptions>>, RegExp]>([
    ['an unsigned archive', async () => ({ signers: [] }), /not signed/],
    ["another key's signature", async () => ({ signedBy: [await signingKey('stranger')] }), /NO_PUBKEY|Missing key/],
    ['an expired archive', async () => ({ validUntil: new Date('2020-01-01') }), /expired/],
    ['a truncated index', async () => ({ fault: 'truncated-index' }), /unexpected size|Hash Sum mismatch/],
    ['an index with another hash', async () => ({ fault: 'wrong-index-hash' }), /Hash Sum mismatch/],
  ])('%s', async (_, options, message) => {
    const { update } = await apt(await make(await options()));
    expect(update.exitCode).toBe(100);
    expect(update.stderr).toMatch(message);
  });

  test('a pool file that is missing or corrupt', async () => {
    const [missing, corrupt] = await Promise.all([
      make({ packages: [{ name: 'sample', missing: true }] }),
      make({ packages: [{ name: 'sample', corrupt: true }] }),
    ]);
    expect(existsSync(join(missing.directory, missing.packages[0]!.path))).toBe(false);
    const { result } = await apt(corrupt, 'download', 'sample');
    expect(result.stderr).toMatch(/Hash Sum mismatch/);
  });
});

test("Ubuntu's shape: control.tar.zst and phased updates", async () => {
  const archive = await make({ packages: [{ name: 'sample', compression: 'zst', phased: 10 }] });
  const index = join(archive.directory, `dists/testkit/main/binary-${hostArchitecture()}/Packages`);
  expect(readFileSync(index, 'utf8')).toContain('Phased-Update-Percentage: 10\n');
  const deb = join(archive.directory, archive.packages[0]!.path);
  expect((await run('ar', ['t', deb])).stdout).toContain('control.tar.zst');
});
