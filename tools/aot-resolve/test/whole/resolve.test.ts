import { describe, expect, test } from 'vitest';
import { names, Workshop } from '../workshop.ts';

const base = { name: 'base', control: { Essential: 'yes', Depends: 'libbase' } };
const packages = [
  base,
  { name: 'libbase' },
  { name: 'hello', control: { Depends: 'libhello (>= 1)', Recommends: 'hello-doc' } },
  { name: 'libhello', version: '1.0-1' },
  { name: 'libhello', version: '2.0-1', control: { Source: 'hello (2.0-1.1)' } },
  { name: 'hello-doc' },
  { name: 'mailer', control: { Provides: 'mail-transport-agent' } },
];

describe('what a treefile asks for', () => {
  test('comes with its dependencies and with what is Essential', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const manifest = await shop.resolve({ repos: ['vendor'], packages: ['hello'] });

    expect(names(manifest)).toEqual(['base', 'hello', 'libbase', 'libhello']);
    expect(manifest.packages.filter((p) => !p.automatic).map((p) => p.name)).toEqual(['hello']);
    expect(manifest.essential).toEqual(['libbase:all', 'base:all']);
    expect(manifest.packages.find((p) => p.name === 'libhello')).toMatchObject({
      version: '2.0-1',
      sourcePackage: 'hello',
      sourceVersion: '2.0-1.1',
      essential: false,
      source: { id: 'vendor', suite: 'testkit', component: 'main', index: manifest.indices[0]?.sha256 },
      path: 'pool/main/l/libhello/libhello_2.0-1_all.deb',
    });
  });

  test('is unpacked and configured in an order that dependencies allow', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const { plan } = await shop.resolve({ repos: ['vendor'], packages: ['hello'] });
    const unpacked = plan.filter((s) => s.action === 'unpack').flatMap((s) => s.packages);
    expect([...unpacked].sort()).toEqual(['base:all', 'hello:all', 'libbase:all', 'libhello:all']);
    expect(plan.findIndex((s) => s.action === 'configure' && s.packages.includes('libbase:all'))).toBeLessThan(
      plan.findIndex((s) => s.action === 'configure' && s.packages.includes('base:all')),
    );
  });

  test('may be a virtual name, a version, a relation or a suite', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const virtual = await shop.resolve({ repos: ['vendor'], packages: ['mail-transport-agent'] });
    expect(virtual.packages.find((p) => p.name === 'mailer')?.automatic).toBe(false);
    for (const [word, version] of [
      ['libhello=1.0-1', '1.0-1'],
      ["'libhello << 2'", '1.0-1'],
      ["'libhello >= 1'", '2.0-1'],
      ['libhello/stable', '2.0-1'],
      ['libhello/testkit', '2.0-1'],
    ] as const) {
      const manifest = await shop.resolve({ repos: ['vendor'], packages: [word] });
      expect([word, manifest.packages.find((p) => p.name === 'libhello')?.version]).toEqual([word, version]);
    }
  });

  test('brings recommended packages unless told not to', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const more = await shop.resolve({ repos: ['vendor'], packages: ['hello'], recommends: true });
    expect(names(more)).toContain('hello-doc');
    const excluded = { repos: ['vendor'], packages: ['hello'], recommends: true, 'exclude-packages': ['hello-doc'] };
    expect(names(await shop.resolve(excluded))).not.toContain('hello-doc');
  });

  test('takes phased updates at once, as everybody gets the same tree', async () => {
    const shop = new Workshop();
    const phased = { name: 'tool', version: '2.0-1', phased: 0 };
    await shop.archive('vendor', { packages: [base, { name: 'libbase' }, { name: 'tool' }, phased] });
    const manifest = await shop.resolve({ repos: ['vendor'], packages: ['tool'] });
    expect(manifest.packages.find((p) => p.name === 'tool')?.version).toBe('2.0-1');
  });

  test('takes usr-is-merged where usrmerge is an alternative', async () => {
    const shop = new Workshop();
    const helpers = { name: 'helpers', control: { Depends: 'usrmerge | usr-is-merged' } };
    await shop.archive('vendor', { packages: [helpers, { name: 'usrmerge' }, { name: 'usr-is-merged' }] });
    const manifest = await shop.resolve({ repos: ['vendor'], packages: ['helpers'] });
    expect(names(manifest)).toEqual(['helpers', 'usr-is-merged']);
  });
});

describe('sources', () => {
  test('may be flat, and may have Release.gpg alone', async () => {
    const shop = new Workshop();
    await shop.archive('flat', { packages: [{ name: 'hello' }], flat: true });
    await shop.archive('detached', { packages: [{ name: 'other' }], detached: true });
    const manifest = await shop.resolve({ repos: ['flat', 'detached'], packages: ['hello', 'other'] });
    expect(manifest.packages.map((p) => [p.name, p.source.id, p.source.suite, p.source.component])).toEqual([
      ['hello', 'flat', './', ''],
      ['other', 'detached', 'testkit', 'main'],
    ]);
  });

  test('of repo-packages win over newer versions elsewhere', async () => {
    const shop = new Workshop();
    await shop.archive('debian', { packages: [{ name: 'agent', version: '9.0-1' }] });
    await shop.archive('vendor', { packages: [{ name: 'agent', version: '1.0-1' }], origin: 'Vendor' });
    const repo = { repos: ['debian', 'vendor'], 'repo-packages': [{ repo: 'vendor', packages: ['agent'] }] };
    const [agent] = (await shop.resolve(repo)).packages;
    expect([agent?.version, agent?.source.id, agent?.automatic]).toEqual(['1.0-1', 'vendor', false]);
  });

  test('that say Trusted are refused unless the treefile names them', async () => {
    const shop = new Workshop();
    await shop.archive('local', { packages: [{ name: 'hello' }], signers: [] }, 'Trusted: yes\n');
    const refused = await shop.run({ repos: ['local'], packages: ['hello'] });
    expect([refused.code, refused.stdout]).toEqual([78, '']);
    expect(refused.stderr).toContain("cannot use the sources in 'local.sources'");
    const allowed = { repos: ['local'], packages: ['hello'], 'trusted-repos': ['local'] };
    expect(names(await shop.resolve(allowed))).toEqual(['hello']);
  });

  test('take variables of the treefile', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages: [{ name: 'hello' }], codename: 'wheeze' });
    shop.write(
      'vendor.sources',
      (await shop.archive('vendor', { packages: [{ name: 'hello' }], codename: 'wheeze' }))
        .sources()
        .replace('wheeze', '$releasever'),
    );
    expect(names(await shop.resolve({ repos: ['vendor'], packages: ['hello'], releasever: 'wheeze' }))).toEqual([
      'hello',
    ]);
  });
});

describe('the result', () => {
  test('is the same bytes for every run, and without the network', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const treefile = { repos: ['vendor'], packages: ['hello'] };
    const first = await shop.run(treefile);
    const again = await shop.run(treefile);
    const offline = await shop.run(treefile, '--cache-only');
    const elsewhere = await shop.run(treefile, '--cachedir', `${shop.directory}/other`.replace('--cachedir', ''));
    expect(again.stdout).toBe(first.stdout);
    expect(offline.stdout).toBe(first.stdout);
    expect(elsewhere.code).toBe(64); // a single option given twice
  });

  test('needs indices from before when the network is not to be used', async () => {
    const shop = new Workshop();
    await shop.archive('vendor', { packages });
    const { code, stdout, stderr } = await shop.run({ repos: ['vendor'], packages: ['hello'] }, '--cache-only');
    expect([code, stdout]).toEqual([69, '']);
    expect(stderr).toContain('were never fetched');
  });

  test('follows the archive when it changes', async () => {
    const shop = new Workshop();
    const treefile = { repos: ['vendor'], packages: ['libhello'] };
    await shop.archive('vendor', { packages: packages.slice(0, 4), date: new Date(Date.now() - 60_000) });
    const before = await shop.resolve(treefile);
    await shop.archive('vendor', { packages });
    const after = await shop.resolve(treefile);
    const version = (m: typeof before) => m.packages.find((p) => p.name === 'libhello')?.version;
    expect([version(before), version(after)]).toEqual(['1.0-1', '2.0-1']);
  });
});
