import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostSources, systemSources } from '@apt-ostree/apt';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';

/** A system whose release is bookworm, with these sources. */
function system(sources: string): string {
  const root = temporary(onTestFinished);
  mkdirSync(join(root, 'etc/apt/sources.list.d'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'ID=debian\nVERSION_CODENAME=bookworm\n');
  writeFileSync(join(root, 'etc/apt/sources.list.d/debian.sources'), sources);
  return root;
}

const KEY = '/usr/share/keyrings/release.gpg';

test("a host gets the machine's archives of its own release, with the key that it has", () => {
  const root = system(`Types: deb
URIs: http://user:secret@mirror.example/debian file:/srv/debian
Suites: bookworm bookworm-backports
Components: main contrib
Architectures: amd64
Trusted: yes
Check-Valid-Until: no

Types: deb
URIs: https://security.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /root/local.gpg

Types: deb
URIs: http://vendor.example/apt
Suites: stable
Components: main
`);
  const text = hostSources('trixie', KEY, root);
  expect(text).toBe(`Types: deb
URIs: http://mirror.example/debian/
Suites: trixie
Components: main contrib
Signed-By: ${KEY}

Types: deb
URIs: https://security.example/debian-security/
Suites: trixie-security
Components: main
Signed-By: ${KEY}
`);
  expect(systemSources(system(text)).map((source) => source.suite)).toEqual(['trixie', 'trixie-security']);
});

test('of a machine that has its archives in directories it gets none', () => {
  const root = system('Types: deb\nURIs: file:/srv/debian\nSuites: bookworm\nComponents: main\n');
  expect(hostSources('trixie', KEY, root)).toBe('');
});
