import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporary } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { sources } from './mmdebstrap.ts';

const DEB822 = `Types: deb
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/archive.gpg
`;
const ONE_LINE = `deb http://archive.example/debian bookworm main contrib
deb-src http://archive.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
`;

function machine(files: Record<string, string>): string {
  const root = temporary(onTestFinished);
  for (const [path, text] of Object.entries({ 'etc/os-release': 'VERSION_CODENAME=bookworm\n', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('the archives of an image, which has a .sources file', () => {
  expect(sources('trixie', machine({ 'etc/apt/sources.list.d/debian.sources': DEB822 })).split('\n')).toEqual([
    'deb [signed-by=/usr/share/keyrings/archive.gpg] http://archive.example/debian/ trixie main',
    'deb [signed-by=/usr/share/keyrings/archive.gpg] http://archive.example/debian/ trixie-updates main',
  ]);
});

test('the archives of an installed machine, which has a sources.list', () => {
  expect(sources(undefined, machine({ 'etc/apt/sources.list': ONE_LINE })).split('\n')).toEqual([
    'deb http://archive.example/debian/ bookworm main contrib',
    'deb http://security.example/debian-security/ bookworm-security main',
  ]);
});
