import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '@apt-ostree/run';
import { hostArchitecture } from './build-archive.ts';
import type { FileSpec, PackageSpec } from './package-spec.ts';

/** What dpkg looks for in PATH, its own programs, and what simple maintainer scripts use. */
const PROGRAMS = [
  ...['sh', 'rm', 'tar', 'diff', 'ldconfig', 'start-stop-daemon'],
  ...['dpkg', 'dpkg-deb', 'dpkg-query', 'dpkg-split', 'dpkg-divert', 'dpkg-trigger', 'dpkg-statoverride'],
  ...['update-alternatives', 'dpkg-maintscript-helper'],
  ...[
    'cat',
    'chgrp',
    'chmod',
    'chown',
    'cp',
    'date',
    'env',
    'false',
    'grep',
    'id',
    'install',
    'ln',
    'ls',
    'mkdir',
    'mktemp',
  ],
  ...['mv', 'readlink', 'rmdir', 'sed', 'sleep', 'sort', 'stat', 'touch', 'true', 'uname', 'wc', 'basename', 'dirname'],
];

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n';
const GROUP = 'root:x:0:\nadm:x:4:\nmail:x:8:\nshadow:x:42:\nstaff:x:50:\nnogroup:x:65534:\n';

/** The top-level links of a merged /usr. */
const LINKS = ['bin', 'sbin', 'lib', ...(existsSync('/lib64') ? ['lib64'] : [])];

/**
 * The smallest system in which dpkg can configure packages: one Essential package with this machine's own shell, dpkg,
 * a few tools and their libraries, in a merged /usr. A tree of it unpacks and configures in a second, without an archive.
 * More packages are put beside it in `buildArchive({ packages: [...(await tinySystem()), ...] })`.
 */
export async function tinySystem(): Promise<PackageSpec[]> {
  const programs = PROGRAMS.map((name) => [name, find(name)] as const);
  const files: Record<string, FileSpec | string> = {
    ...Object.fromEntries(LINKS.map((name) => [`/${name}`, { link: `usr/${name}` }])),
    ...Object.fromEntries(LINKS.map((name) => [`/usr/${name}`, { directory: true }])),
    ...Object.fromEntries(
      programs.map(([name, from]) => [place(name, from), { from: realpathSync(from), mode: 0o755 }]),
    ),
    ...Object.fromEntries((await libraries(programs.map(([, from]) => from))).map((l) => [merged(l), library(l)])),
    ...STATIC,
  };
  const control = { Essential: 'yes', Priority: 'required', Description: 'shell, dpkg and what they need' };
  return [{ name: 'tiny-base', version: '1', architecture: hostArchitecture(), files, control, compression: 'zst' }];
}

const STATIC: Record<string, FileSpec | string> = {
  '/etc/passwd': PASSWD,
  '/etc/group': GROUP,
  '/etc/shadow': { content: 'root:*:19000:0:99999:7:::\n', mode: 0o640, gid: 42 },
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/lib/os-release': 'ID=tiny\nNAME="Tiny"\nPRETTY_NAME="Tiny system"\nVERSION_ID="1"\nVERSION_CODENAME=testkit\n',
  '/etc/dpkg/dpkg.cfg.d': { directory: true },
  '/usr/share/dpkg/cputable': { from: '/usr/share/dpkg/cputable' },
  '/usr/share/dpkg/ostable': { from: '/usr/share/dpkg/ostable' },
  '/usr/share/dpkg/tupletable': { from: '/usr/share/dpkg/tupletable' },
  '/usr/share/dpkg/sh/dpkg-error.sh': { from: '/usr/share/dpkg/sh/dpkg-error.sh' },
  '/root': { directory: true, mode: 0o700 },
  '/tmp': { directory: true, mode: 0o1777 },
  ...Object.fromEntries(
    ['/boot', '/dev', '/home', '/media', '/mnt', '/opt', '/proc', '/run', '/srv', '/sys', '/usr/local'].map((path) => [
      path,
      { directory: true } as const,
    ]),
  ),
  ...Object.fromEntries(
    ['alternatives', 'info', 'parts', 'triggers', 'updates'].map((name) => [
      `/var/lib/dpkg/${name}`,
      { directory: true } as const,
    ]),
  ),
  '/etc/alternatives': { directory: true },
  '/var/log': { directory: true },
  '/var/cache': { directory: true },
  '/var/tmp': { directory: true, mode: 0o1777 },
};

function find(name: string): string {
  const path = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const found = path.map((dir) => join(dir, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`this machine has no '${name}'`);
  return found;
}

/** Scripts of dpkg look for sbin's programs there. */
const place = (name: string, from: string): string =>
  `/usr/${/\/sbin\/[^/]+$/.test(from) || ['ldconfig', 'start-stop-daemon'].includes(name) ? 'sbin' : 'bin'}/${name}`;

/** What the dynamic linker loads for the programs, itself among it. */
async function libraries(programs: readonly string[]): Promise<string[]> {
  const { stdout } = await run('ldd', programs, { ok: 'any', stderr: 'ignore' });
  return [...new Set([...stdout.matchAll(/^\s+(?:\S+ => )?(\/\S+) \(0x/gm)].map((match) => match[1] as string))].sort();
}

const merged = (path: string): string => path.replace(/^\/lib/, '/usr/lib');

/** The dynamic linker and libc can be run as programs. */
const library = (path: string): FileSpec => ({
  from: realpathSync(path),
  mode: /\/(?:ld-linux|libc\.so)/.test(path) ? 0o755 : 0o644,
});
