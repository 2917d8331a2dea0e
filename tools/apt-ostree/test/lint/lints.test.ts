import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Subject } from '../../src/compose/lint/lint.ts';
import { BOOTC, LINTS } from '../../src/compose/lint/lints/table.ts';
import { judge } from '../../src/compose/lint/run.ts';
import { cpio } from './cpio.ts';
import { CONF, type Files, GOOD, KERNEL, lintTree } from './good-tree.ts';

const IMAGE = { architecture: 'amd64', labels: { 'containers.bootc': '1' } };

interface Change extends Partial<Omit<Subject, 'tree'>> {
  files?: Record<string, Files[string] | undefined>;
  notUtf8?: string[];
}

const subject = ({ files, notUtf8, ...more }: Change = {}): Subject => ({
  ...{ name: 'tree', running: false, container: false, image: IMAGE },
  tree: lintTree({ ...GOOD, ...files }, notUtf8),
  ...more,
});

/** What is found, by lint. */
async function found(change: Change = {}): Promise<Record<string, string[]>> {
  const outcomes = await judge(subject(change), LINTS, []);
  return Object.fromEntries(outcomes.filter((o) => o.found.length > 0).map((o) => [o.lint.name, o.found]));
}

const initramfs = (files: Record<string, string>) => ({ [`${KERNEL}/initramfs.img`]: cpio(files) });
const link = (target: string) => ({ type: 'link' as const, target });
const PREPARE_ROOT = 'usr/lib/ostree/ostree-prepare-root';
const CONF_FILE = 'usr/lib/ostree/prepare-root.conf';

/** For each lint what makes it fail, and nothing else, with the text that it then has. */
const FAILS: Record<string, [change: Change, text: string][]> = {
  'api-base-directories': [
    [{ files: { proc: undefined } }, 'there is no /proc'],
    [{ files: { tmp: link('var/tmp') } }, '/tmp is no directory'],
  ],
  architecture: [
    [{ image: { ...IMAGE, architecture: 'arm64' } }, "the image says 'arm64', and its packages are for 'amd64'"],
  ],
  'baseimage-composefs': [
    [
      {
        files: {
          'etc/ostree/prepare-root.conf': '[composefs]\nenabled=no\n',
          ...initramfs({ [PREPARE_ROOT]: '', 'etc/ostree/prepare-root.conf': '[composefs]\nenabled=no\n' }),
        },
      },
      '/etc/ostree/prepare-root.conf turns on neither composefs nor a transient root',
    ],
    [
      { files: { [CONF_FILE]: undefined, ...initramfs({ [PREPARE_ROOT]: '' }) } },
      'there is no /usr/lib/ostree/prepare-root.conf',
    ],
    [
      { files: { [CONF_FILE]: 'enabled', ...initramfs({ [PREPARE_ROOT]: '', [CONF_FILE]: 'enabled' }) } },
      "cannot read '/usr/lib/ostree/prepare-root.conf': line 1: it is neither '[group]' nor 'key=value'",
    ],
    [
      {
        files: {
          'usr/share/doc/bootc/baseimage/base/ostree': link('sysroot/ostree'),
          'usr/share/doc/bootc/baseimage/base/sysroot': null,
        },
      },
      'there is no /usr/share/doc/bootc/baseimage/base/usr/lib/ostree/prepare-root.conf',
    ],
  ],
  'baseimage-root': [
    [{ files: { ostree: link('/sysroot/ostree') } }, "/ostree is no link to 'sysroot/ostree'"],
    [{ files: { sysroot: 'file' } }, '/sysroot is no directory'],
  ],
  'bootc-kargs': [
    [
      { files: { 'usr/lib/bootc/kargs.d/a.toml': 'kargs = "quiet"' } },
      "/usr/lib/bootc/kargs.d/a.toml: 'kargs' is no list of strings",
    ],
    [
      { files: { 'usr/lib/bootc/kargs.d/a.toml': 'kargs = []\nother = 1' } },
      "/usr/lib/bootc/kargs.d/a.toml: the key 'other' is not known",
    ],
    [{ files: { 'usr/lib/bootc/kargs.d/a.toml': '' } }, "/usr/lib/bootc/kargs.d/a.toml: there is no 'kargs'"],
    [{ files: { 'usr/lib/bootc/kargs.d/a.toml': 'kargs = [' } }, '/usr/lib/bootc/kargs.d/a.toml: it is no TOML: '],
  ],
  'buildah-injected': [[{ files: { 'etc/resolv.conf': '' } }, '/etc/resolv.conf is empty']],
  'composefs-support': [
    [
      {
        files: {
          [CONF_FILE]: '[composefs]\nenabled=yes\n',
          ...initramfs({ [PREPARE_ROOT]: '', [CONF_FILE]: '[composefs]\nenabled=yes\n' }),
        },
      },
      "/usr/lib/ostree/prepare-root.conf says 'yes' to composefs, and the libostree of the tree is built without: it does not boot",
    ],
  ],
  'dpkg-database': [
    [
      { files: { 'usr/lib/sysimage/dpkg/status': undefined } },
      'there is no database of dpkg: no /usr/lib/sysimage/dpkg/status',
    ],
  ],
  'empty-password': [
    [{ files: { 'etc/shadow': 'root::1:0:99999:7:::\n' } }, "the account 'root' has an empty password"],
  ],
  'etc-usretc': [[{ files: { 'usr/etc': null } }, 'there are both /etc and /usr/etc: which one counts is not said']],
  'initramfs-missing': [
    [{ files: { [`${KERNEL}/initramfs.img`]: undefined } }, `there is no /${KERNEL}/initramfs.img`],
  ],
  'initramfs-ostree': [
    [
      { files: initramfs({ [CONF_FILE]: CONF }) },
      `/${KERNEL}/initramfs.img has neither ${PREPARE_ROOT} nor usr/lib/bootc/initramfs-setup`,
    ],
  ],
  'initramfs-prepare-root': [
    [{ files: initramfs({ [PREPARE_ROOT]: '' }) }, `/${KERNEL}/initramfs.img has no prepare-root.conf`],
    [
      { files: initramfs({ [PREPARE_ROOT]: '', [CONF_FILE]: '[composefs]\nenabled=no\n' }) },
      `the prepare-root.conf in /${KERNEL}/initramfs.img is not the one of the tree: the initramfs was made before it`,
    ],
  ],
  kernel: [
    [
      {
        files: {
          'usr/lib/modules/6.1-amd64/vmlinuz': '',
          'usr/lib/modules/6.1-amd64/initramfs.img': GOOD[`${KERNEL}/initramfs.img`],
        },
      },
      'there are 2 kernels: /usr/lib/modules/6.1-amd64, /usr/lib/modules/6.12.1-amd64',
    ],
  ],
  'kernel-missing': [
    [
      { files: { [`${KERNEL}/vmlinuz`]: undefined } },
      'there is no kernel in /usr/lib/modules, which is where it is looked for',
    ],
  ],
  label: [[{ image: { ...IMAGE, labels: { version: '1' } } }, "the image has no label 'containers.bootc'"]],
  'machine-id': [
    [{ files: { 'etc/machine-id': `${'0123456789abcdef'.repeat(2)}\n` } }, '/etc/machine-id names one machine'],
  ],
  'nonempty-boot': [
    [{ files: { boot: undefined } }, 'there is no /boot'],
    [{ files: { 'boot/grub/grub.cfg': '' } }, "/boot has 'grub' in it"],
  ],
  'nonempty-run-tmp': [
    [{ files: { 'run/lock': null } }, "there is '/run/lock'"],
    [{ files: { 'tmp/x': '' } }, "there is '/tmp/x'"],
  ],
  'os-release': [
    [{ files: { 'usr/lib/os-release': undefined } }, 'there is no /usr/lib/os-release'],
    [{ files: { 'usr/lib/os-release': 'NAME=x\n' } }, "/usr/lib/os-release has no 'ID'"],
  ],
  'random-seed': [
    [
      {
        files: {
          'var/lib/systemd/random-seed': link('/dev/null'),
          'usr/lib/tmpfiles.d/b.conf': 'd /var/lib/systemd\nL /var/lib/systemd/random-seed',
        },
      },
      'there is /var/lib/systemd/random-seed: all machines would begin with the same',
    ],
  ],
  setuid: [[{ files: { 'usr/bin/su': { mode: 0o755 } } }, '/usr/bin/su is not set-user-id']],
  'special-files': [
    [{ files: { 'usr/x': { type: 'char' } } }, '/usr/x is a character device'],
    [{ files: { 'usr/x': { type: 'fifo' } } }, '/usr/x is a FIFO'],
  ],
  'ssh-host-keys': [
    [{ files: { 'etc/ssh/ssh_host_ed25519_key': 'x' } }, '/etc/ssh/ssh_host_ed25519_key is a key of one machine'],
  ],
  sysusers: [
    [
      { files: { 'etc/passwd': 'ada:x:1000:1000::/home/ada:/bin/sh\n' } },
      "the user 'ada' has no line in /usr/lib/sysusers.d",
    ],
    [{ files: { 'etc/group': 'root:x:0:\nwheel:x:10:\n' } }, "the group 'wheel' has no line in /usr/lib/sysusers.d"],
  ],
  utf8: [[{ notUtf8: ['usr/�'] }, "the name or target of 'usr/�' is not UTF-8"]],
  'var-run': [
    [{ files: { 'var/run': null, 'usr/lib/tmpfiles.d/b.conf': 'd /var/run' } }, '/var/run is no link to /run'],
  ],
  'var-tmpfiles': [
    [{ files: { 'var/lib/x': null } }, '/var/lib/x has no line in tmpfiles.d'],
    [
      { files: { 'var/lib/x': '', 'usr/lib/tmpfiles.d/b.conf': 'f /var/lib/x' } },
      '/var/lib/x is neither a directory nor a link',
    ],
  ],
};

describe('the table', () => {
  test("has bootc's fourteen lints", () => {
    expect(BOOTC).toHaveLength(14);
    expect(BOOTC.filter((l) => l.severity === 'error').map((l) => l.name)).toEqual([
      ...['api-base-directories', 'baseimage-root', 'bootc-kargs', 'etc-usretc', 'kernel', 'utf8', 'var-run'],
    ]);
  });

  test('has a name once, and a failing tree for each', () => {
    const names = LINTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // a log is also a file in /var: below
    expect(names.filter((name) => FAILS[name] === undefined)).toEqual(['var-log']);
  });
});

test('a tree as it should be has nothing found, and nothing left out', async () => {
  const outcomes = await judge(subject(), LINTS, []);
  expect(outcomes.filter((o) => o.found.length > 0 || o.skipped !== undefined)).toEqual([]);
});

describe.each(Object.entries(FAILS))('%s', (name, rows) => {
  test.each(rows)('fails alone %#', async (change, text) => {
    const all = await found(change);
    expect(Object.keys(all)).toEqual([name]);
    expect(all[name]?.[0]).toContain(text);
  });
});

describe('what also counts', () => {
  test('a log of the build is a log, and a file in /var', async () => {
    const files = { 'var/log/dpkg.log': 'x', 'var/log/empty': '', 'usr/lib/tmpfiles.d/b.conf': 'd /var/log' };
    expect(await found({ files })).toEqual({
      'var-log': ['/var/log/dpkg.log is not empty'],
      'var-tmpfiles': [
        '/var/log/dpkg.log is neither a directory nor a link',
        '/var/log/empty is neither a directory nor a link',
      ],
    });
  });

  test("dpkg's database in /var", async () => {
    const status = GOOD['usr/lib/sysimage/dpkg/status'];
    const files = { 'usr/lib/sysimage/dpkg/status': undefined, 'var/lib/dpkg': null, 'var/lib/dpkg/status': status };
    expect((await found({ files }))['dpkg-database']).toEqual(["dpkg's database is in /var: /var/lib/dpkg/status"]);
  });

  test('a transient root does without composefs', async () => {
    const conf = '[root]\ntransient = true\n';
    const files = { [CONF_FILE]: conf, ...initramfs({ [PREPARE_ROOT]: '', [CONF_FILE]: conf }) };
    expect(await found({ files })).toEqual({});
  });

  test('composefs where libostree has it', async () => {
    const conf = '[composefs]\nenabled = yes\n';
    const image = initramfs({ [PREPARE_ROOT]: '', [CONF_FILE]: conf });
    expect(await found({ files: { [CONF_FILE]: conf, [PREPARE_ROOT]: 'libcomposefs.so.1', ...image } })).toEqual({});
  });

  test('a compressed initramfs behind one that is not, with padding between', async () => {
    const microcode = cpio({ 'kernel/x86/microcode/AuthenticAMD.bin': 'x' });
    const image = Buffer.concat([microcode, Buffer.alloc(300), gzipSync(GOOD[`${KERNEL}/initramfs.img`] as Buffer)]);
    expect(await found({ files: { [`${KERNEL}/initramfs.img`]: image } })).toEqual({});
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['text', Buffer.from('not a cpio archive'), 'its form is not known'],
    ['half', cpio({ a: 'x'.repeat(500) }).subarray(0, 300), 'it is cut short'],
    ['a broken stream', gzipSync(cpio({ a: 'x'.repeat(5000) })).subarray(0, 40), 'unexpected end of file'],
    ['a bad header', Buffer.from(`070701${'x'.repeat(200)}`), 'it is no cpio archive'],
  ])('an initramfs that is %s', async (_, image, why) => {
    const all = await found({ files: { [`${KERNEL}/initramfs.img`]: image } });
    expect(Object.keys(all)).toEqual(['initramfs-ostree', 'initramfs-prepare-root']);
    expect(all['initramfs-ostree']).toEqual([`cannot read /${KERNEL}/initramfs.img: ${why}`]);
  });

  test('what a mount point hides, and the stub of systemd-resolved', async () => {
    const files = {
      'run/systemd/resolve/stub-resolv.conf': 'x',
      'tmp/.X11': { type: 'directory', mount: true } as const,
    };
    expect(await found({ files })).toEqual({});
    expect(Object.keys(await found({ files: { ...files, 'run/systemd/resolve/other': '' } }))).toEqual([
      'nonempty-run-tmp',
    ]);
  });

  test('a container needs no kernel, a directory no label, a running system may have an empty resolv.conf', async () => {
    const files = { [`${KERNEL}/vmlinuz`]: undefined, [`${KERNEL}/initramfs.img`]: undefined, 'etc/resolv.conf': '' };
    expect(await found({ files, container: true, image: undefined, running: true })).toEqual({});
  });

  test('no link leads out of the tree, or round in circles', async () => {
    const files = { 'etc/machine-id': link('../../../../etc/passwd'), a: link('b'), b: link('a') };
    const tree = lintTree({ ...GOOD, ...files });
    expect(tree.text('etc/machine-id')).toBe(GOOD['etc/passwd']);
    expect(tree.text('a/x')).toBeUndefined();
  });

  test('a long list is cut short', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`tmp/${i}`, '']));
    expect((await found({ files }))['nonempty-run-tmp']?.slice(-1)).toEqual(['… and 10 more']);
  });
});
