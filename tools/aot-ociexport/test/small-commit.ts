import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const STATUS = `Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.22.21
Installed-Size: 100

Package: libx1
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: x (1:2.0-1)
Version: 1:2.0-1+b1
Installed-Size: 9000

Package: python3-x
Status: install ok installed
Architecture: all
Source: x
Version: 1:2.0-1
Installed-Size: 10

Package: other
Status: install ok installed
Architecture: all
Version: 3-1
Installed-Size: 10

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
`;

const INFO = 'usr/lib/sysimage/dpkg/info';

/** A small tree of everything that decides where a path goes. */
const FILES: Record<string, string | null> = {
  'usr/lib/sysimage/dpkg/status': STATUS,
  'usr/lib/sysimage/dpkg/diversions': '/lib/tool\n/lib/tool.real\nother\n',
  [`${INFO}/dpkg.list`]: '/.\n/usr\n/usr/bin\n/usr/bin/dpkg\n/etc\n/etc/dpkg\n/etc/dpkg/cfg\n',
  [`${INFO}/libx1:amd64.list`]: '/.\n/lib\n/lib/libx.so\n/lib/tool\n/usr/share/x\n',
  [`${INFO}/python3-x.list`]: '/.\n/usr/lib/python3/x.py\n/usr/share/empty\n',
  [`${INFO}/other.list`]: '/.\n/lib/tool\n/usr/bin/same\n/etc/other\n',
  'usr/bin/dpkg': 'dpkg',
  'usr/bin/same': 'dpkg',
  'usr/bin/also': 'dpkg',
  'usr/etc/dpkg/cfg': 'alike',
  'usr/etc/other': 'alike',
  'usr/lib/libx.so': 'x',
  'usr/lib/tool': 'of other',
  'usr/lib/tool.real': 'of libx1',
  'usr/lib/python3/x.py': 'x',
  'usr/lib/python3/__pycache__/x.cpython-313.pyc': 'made from x',
  'usr/lib/modules/6.12/initramfs.img': 'initramfs',
  'usr/lib/modules/6.12/vmlinuz': 'kernel',
  'usr/lib/modules/6.12/modules.dep': 'made',
  'usr/share/empty': null,
  'usr/share/nobody': null,
};

/** Commits it, in a repository below a directory. */
export function smallCommit(top: string): { repo: string; commit: string } {
  const [repo, tree] = [join(top, 'repo'), join(top, 'tree')];
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(text === null ? join(tree, path) : dirname(join(tree, path)), { recursive: true });
    if (text !== null) writeFileSync(join(tree, path), text);
  }
  symlinkSync('usr/lib', join(tree, 'lib'));
  execFileSync('ostree', ['init', `--repo=${repo}`, '--mode=archive']);
  const args = ['commit', `--repo=${repo}`, `--tree=dir=${tree}`, '--branch=os', '--timestamp=@1700000000'];
  return { repo, commit: execFileSync('ostree', args, { encoding: 'utf8' }).trim() };
}
