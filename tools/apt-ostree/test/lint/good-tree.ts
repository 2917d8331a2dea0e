import { LintTree, type Node } from '../../src/compose/lint/lint-tree.ts';
import { cpio } from './cpio.ts';

/** Content of a file; null for a directory; a node for anything else. Missing parents are made. */
export type Files = Record<string, string | Buffer | null | Partial<Node>>;

export const CONF = '[composefs]\nenabled = maybe\n';
export const KERNEL = 'usr/lib/modules/6.12.1-amd64';

/** A tree that is as it should be. */
export const GOOD: Files = {
  ...{ boot: null, dev: null, proc: null, run: null, sys: null, sysroot: null, tmp: null },
  ostree: { type: 'link', target: 'sysroot/ostree' },
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n_apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n',
  'etc/group': 'root:x:0:\nmail:x:8:\n_apt:x:42:\n+nis\n',
  'etc/shadow': 'root:*:1:0:99999:7:::\n_apt:!:1::::::\n',
  'etc/machine-id': '',
  'etc/hostname': 'debian\n',
  'etc/ssh/sshd_config': '',
  [`${KERNEL}/vmlinuz`]: 'kernel',
  [`${KERNEL}/initramfs.img`]: cpio({
    'usr/lib/ostree/ostree-prepare-root': 'x',
    'usr/lib/ostree/prepare-root.conf': CONF,
  }),
  'usr/bin/su': { mode: 0o4755 },
  'usr/lib/bootc/kargs.d/10-console.toml': 'kargs = ["console=ttyS0"]\nmatch-architectures = ["x86_64"]\n',
  'usr/lib/os-release': 'NAME="Debian GNU/Linux"\nID=debian\n',
  'usr/lib/ostree/ostree-prepare-root': '\0libc.so.6\0',
  'usr/lib/ostree/prepare-root.conf': CONF,
  'usr/lib/sysimage/dpkg/status': 'Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n',
  'usr/lib/sysusers.d/a.conf': '# comment\nu! root 0 - /root /bin/sh\ng mail 8\nu _apt 42:65534 -\n',
  'usr/lib/tmpfiles.d/a.conf':
    'd /var/lib 0755 - - -\nL+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg\nd "/var/a\\x20b"\n',
  'var/lib/dpkg': { type: 'link', target: '../../usr/lib/sysimage/dpkg' },
  'var/a b': null,
};

/** The tree of these files; what is undefined is left out. */
export function lintTree(files: Record<string, Files[string] | undefined>, notUtf8: string[] = []): LintTree {
  const nodes = new Map<string, Node>();
  for (const [path, content] of Object.entries(files)) {
    if (content === undefined) continue;
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const parent = parts.slice(0, i).join('/');
      if (!nodes.has(parent)) nodes.set(parent, node(null));
    }
    nodes.set(path, node(content));
  }
  return new LintTree(nodes, notUtf8);
}

function node(content: Files[string]): Node {
  if (content === null) return { type: 'directory', mode: 0o755, size: 0 };
  if (typeof content === 'string' || Buffer.isBuffer(content)) {
    const bytes = Buffer.from(content);
    return { type: 'file', mode: 0o644, size: bytes.length, read: () => bytes };
  }
  return { type: 'file', mode: 0o644, size: 0, ...content };
}
