import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeSources, machineSources, sourcesOf } from '@apt-ostree/apt';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';

/** A directory with these files. */
function files(texts: Record<string, string>): string {
  const root = temporary(onTestFinished);
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const osRelease = 'ID=debian\nVERSION_CODENAME=bookworm\n';

test('a machine gives the suites of its own release, with another codename if need be', () => {
  const root = files({
    'etc/os-release': osRelease,
    'etc/apt/sources.list.d/debian.sources': `# the release
Types: deb deb-src
URIs: http://user:secret@mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
Check-Valid-Until: no

Types: deb
URIs: http://security.example/debian-security/
Suites: bookworm-security
Components: main

Types: deb
URIs: http://vendor.example/apt
Suites: stable
Components: main

Types: deb
Enabled: no
URIs: http://old.example/debian
Suites: bookworm
Components: main
`,
  });
  expect(machineSources('trixie', root)).toEqual([
    {
      id: 'debian',
      uris: ['http://user:secret@mirror.example/debian/'],
      suite: 'trixie',
      components: ['main', 'contrib'],
      signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      options: { 'Check-Valid-Until': 'no' },
    },
    expect.objectContaining({ id: 'debian', suite: 'trixie-updates' }),
    {
      id: 'debian-security',
      uris: ['http://security.example/debian-security/'],
      suite: 'trixie-security',
      components: ['main'],
      options: {},
    },
  ]);
  expect(machineSources(undefined, root).map((s) => s.suite)).toEqual([
    'bookworm',
    'bookworm-updates',
    'bookworm-security',
  ]);
});

test('one-line sources say the same', () => {
  const root = files({
    'etc/os-release': osRelease,
    'etc/apt/sources.list': `
# deb http://commented.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/k.gpg check-valid-until=no] http://mirror.example/debian bookworm main non-free # mine
deb http://mirror.example/debian bookworm-updates main
deb-src http://mirror.example/debian bookworm main
`,
  });
  expect(machineSources(undefined, root)).toEqual([
    {
      id: 'debian',
      uris: ['http://mirror.example/debian/'],
      suite: 'bookworm',
      components: ['main', 'non-free'],
      architectures: ['amd64', 'arm64'],
      signedBy: '/k.gpg',
      options: { 'Check-Valid-Until': 'no' },
    },
    {
      id: 'debian',
      uris: ['http://mirror.example/debian/'],
      suite: 'bookworm-updates',
      components: ['main'],
      options: {},
    },
  ]);
});

test('two archives of the same path and suite have different names', () => {
  const entry = (host: string) => `deb http://${host}.example/debian bookworm main\n`;
  const root = files({ 'etc/os-release': osRelease, 'etc/apt/sources.list': entry('one') + entry('two') });
  expect(machineSources(undefined, root).map((s) => s.id)).toEqual(['debian', 'debian-2']);
});

test('no source of the machine takes unverified indices', () => {
  const root = files({
    'etc/os-release': osRelease,
    'etc/apt/sources.list': 'deb [allow-insecure=yes] http://mirror.example/debian bookworm main\n',
  });
  expect(() => machineSources(undefined, root)).toThrow("'Allow-Insecure' switches the verification of indices off");
});

test('a file beside the treefile is called by its name; its key is beside it', async () => {
  const root = files({
    'sub/vendor.sources': `Types: deb
URIs: http://vendor.example/\${channel}/$basearch
Suites: $releasever ./$(ARCH)/
Components: main
Signed-By: vendor.asc
`,
  });
  const treefile = { repos: ['sub/vendor.sources'], repovars: { channel: 'edge' }, releasever: 13, basearch: 'arm64' };
  const sources = await sourcesOf(treefile, root);
  expect(sources.map((s) => [s.id, s.uris[0], s.suite, s.components, s.signedBy])).toEqual([
    ['vendor', 'http://vendor.example/edge/arm64/', '13', ['main'], join(root, 'sub/vendor.asc')],
    ['vendor', 'http://vendor.example/edge/arm64/', './$(ARCH)/', [], join(root, 'sub/vendor.asc')],
  ]);
});

test.each([
  ['a file that is not there', {}, "no file 'x.sources' beside the treefile"],
  ['a variable without a value', { 'x.sources': 'Types: deb\nURIs: $nothing\n' }, "variable 'nothing' has no value"],
  ['no entry', { 'x.sources': '# nothing\n' }, 'no enabled entry'],
  ['no URIs', { 'x.sources': 'Types: deb\nSuites: a\nComponents: main\n' }, 'names no URIs'],
  ['no components', { 'x.sources': 'Types: deb\nURIs: http://a\nSuites: a\n' }, 'names no Components'],
  ['another format', { 'x.sources': 'deb http://a b c\n' }, 'line 1'],
  ['blind trust', { 'x.sources': 'Types: deb\nTrusted: yes\nURIs: http://a\nSuites: ./\n' }, "'Trusted: yes'"],
])('%s is an error', async (_what, texts, said) => {
  await expect(sourcesOf({ repos: ['x.sources'] }, files(texts as Record<string, string>))).rejects.toThrow(said);
});

const vendor = { 'vendor.sources': 'Types: deb\nURIs: file:/vendor\nSuites: ./\n' };

test("with 'machine-repos' the machine's archives come after those of the treefile, and are said", async () => {
  const treefile = { repos: ['vendor.sources'], 'machine-repos': true, releasever: 'trixie' };
  const sources = await sourcesOf(treefile, files(vendor));
  expect(sources.slice(0, 1)).toEqual([expect.objectContaining({ id: 'vendor', suite: './' })]);
  expect(sources.slice(1)).toEqual(machineSources('trixie'));
  expect(sources.length).toBeGreaterThan(1);
  expect(describeSources(treefile, sources)).toBe(describeSources({}, sources.slice(1)));
  expect(await sourcesOf({ ...treefile, 'machine-repos': false }, files(vendor))).toHaveLength(1);
});

test("a source of the treefile must not be called as one of the machine's", async () => {
  const name = `${machineSources(undefined)[0]?.id}.sources`;
  const root = files({ [name]: vendor['vendor.sources'] });
  await expect(sourcesOf({ repos: [name], 'machine-repos': true }, root)).rejects.toThrow('two sources are called');
});

test('a release that would smuggle fields in is refused', async () => {
  await expect(sourcesOf({ releasever: 'trixie\nTrusted: yes' }, '/')).rejects.toThrow("as 'releasever'");
});
