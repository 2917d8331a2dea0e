import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import {
  type ArchivePackage,
  type FileSpec,
  hostArchitecture,
  signingHome,
  signingKey,
  temporary,
} from '@apt-ostree/testkit';
import { expect } from 'vitest';
import { Commits } from './commits.ts';
import { ComposeLab, type Refusal } from './compose-lab.ts';

export type Keys = Record<string, unknown>;

/** A composed tree, as the rows of the table of keys look at it. */
export interface KeyTree {
  commit: string;
  paths: Record<string, string>;
  /** As `name version`. */
  packages: string[];
  /** The flattened treefile that the commit carries. */
  treefile: Keys;
  file(path: string): Promise<string | undefined>;
  metadata(key: string, detached?: boolean): Promise<string | undefined>;
}

const program = (text: string): FileSpec => ({ content: `#!/bin/sh -e\n${text}`, mode: 0o755 });
const named = (paths: string[]): Record<string, string> => Object.fromEntries(paths.map((path) => [path, path]));

const SYSTEMCTL = `shift 3
mkdir -p /etc/systemd/system/multi-user.target.wants
for unit; do ln -s /usr/lib/systemd/system/$unit /etc/systemd/system/multi-user.target.wants/$unit; done
`;

const PACKAGES: ArchivePackage[] = [
  {
    name: 'app',
    files: {
      ...named(['/usr/share/doc/app/README', '/usr/share/locale/de/a.mo', '/usr/share/locale/fr/a.mo']),
      ...named(['/usr/share/app/one', '/usr/share/app/two.bak', '/usr/lib/app/junk']),
      '/usr/bin/app': program(''),
    },
    control: { Recommends: 'nice' },
  },
  ...['nice', 'included', 'by-architecture', 'conditional', 'native'].map((name) => ({ name })),
  ...['both', 'pinned'].map((name) => ({ name, version: '2' })),
  {
    name: 'system', // as much of systemd, dracut, debconf and apt as the keys need
    files: {
      '/etc/apt/apt.conf.d': { directory: true },
      '/usr/bin/systemctl': program(SYSTEMCTL),
      '/usr/bin/systemd-sysusers': program('echo web:x:990:990::/:/bin/sh >>/etc/passwd\n'),
      '/usr/bin/dracut': program('for out; do :; done; echo "$@" >"$out"\n'),
      '/usr/lib/dracut/modules.d/00own/module-setup.sh': '',
      '/usr/bin/debconf-set-selections': program('cp "$1" /usr/lib/answers\n'),
      '/usr/lib/systemd/system/app.service': '[Unit]\n',
      '/usr/lib/systemd/system/rescue.target': '[Unit]\n',
    },
  },
  { name: 'kernel', files: { '/boot/vmlinuz-1': 'kernel', '/usr/lib/modules/1/modules.dep.bin': '' } },
  { name: 'user', scripts: { postinst: 'echo app:x:999:999::/:/bin/sh >>/etc/passwd; echo app:x:999: >>/etc/group' } },
];

/** What every tree starts from: nothing of it is a row's. */
const COMMON = {
  ...{ repos: ['base', 'app', 'vendor'], container: false, recommends: true },
  packages: ['app', 'both', 'system', 'kernel', 'user'],
};

/** The packages of those trees that have lost a user. */
export const WITHOUT_USER = COMMON.packages.filter((name) => name !== 'user');

/** As many keys as can be in one tree. */
const full = (fingerprint: string): Keys => ({
  ...{ ...COMMON, ref: 'keys/${stream}', edition: '2014', basearch: hostArchitecture(), selinux: false },
  ...{ variables: { stream: 'full' }, repovars: { place: 'extra' }, releasever: 'stable' },
  ...{ cliwrap: true, 'cliwrap-binaries': ['apt-get'] },
  ...{ repos: ['base', 'app', 'vendor', 'extra', 'unsigned'], 'trusted-repos': ['unsigned'] },
  ...{ 'lockfile-repos': ['attic'], 'repo-packages': [{ repo: 'app', packages: ['both'] }] },
  ...{ include: 'include.yaml', 'arch-include': { [hostArchitecture()]: 'arch.yaml' } },
  'conditional-include': [{ if: 'stream == "full"', include: 'conditional.yaml' }],
  packages: [...COMMON.packages, 'extra', 'unsigned', 'pinned'],
  ...{ [`packages-${hostArchitecture()}`]: ['native'], 'exclude-packages': ['nice'] },
  ...{ documentation: false, 'install-langs': ['de'], 'readonly-executables': true },
  ...{ 'add-files': [['own.conf', '/etc/own.conf']], 'remove-files': ['/usr/lib/app'] },
  'remove-from-packages': [['app', '/usr/share/app/.*\\.bak']],
  ...{ sysusers: 'compose-forced', 'etc-group-members': ['adm'], 'gpg-key': fingerprint },
  ...{ 'ostree-layers': ['layer'], 'ostree-override-layers': ['override'] },
  ...{ 'initramfs-args': ['--own-argument'], 'boot-location': 'modules', 'tmp-is-dir': false },
  ...{ 'opt-usrlocal': 'root', units: ['app.service'], 'default-target': 'rescue.target', 'machineid-compat': false },
  ...{ 'automatic-version-prefix': '7', 'automatic-version-suffix': '-', 'mutate-os-release': 'Tiny' },
  ...{ postprocess: ['echo inline >>/usr/lib/order'], 'postprocess-script': 'finish.sh' },
  ...{ metadata: { team: 'images' }, 'add-commit-metadata': { own: 'value' }, 'container-cmd': ['/bin/sh'] },
  ...{ 'repo-metadata': 'detached', 'advisories-metadata': 'disabled' },
  debconf: { 'app/colour': { package: 'app', type: 'string', value: 'blue' } },
  stages: { 'after-sandbox': './stage.sh' },
});

/** Marks the tree whose manifest passes through, and puts a device into it. */
const STAGE = `#!/bin/sh -e
manifest=$(cat)
rootfs=$(printf '%s\\n' "$manifest" | sed -n 's/^ *"rootfs": *"\\([^"]*\\)".*/\\1/p')
echo marked >"$rootfs/usr/lib/marked"
mknod "$rootfs/usr/lib/device" c 1 3
printf '%s\\n' "$manifest"
`;

const BESIDE: Record<string, string> = {
  'include.yaml': 'packages: [included]\n',
  'arch.yaml': 'packages: [by-architecture]\n',
  'conditional.yaml': 'packages: [conditional]\n',
  'own.conf': 'own\n',
  'finish.sh': '#!/bin/sh\necho script >>/usr/lib/order\n',
  'stage.sh': STAGE,
};

/** Trees that together have every key: `plain` none, `full` nearly all, the others what cannot be in that one. */
export class KeyTrees {
  readonly #lab: ComposeLab;
  readonly #made = new Map<string, KeyTree>();

  private constructor(lab: ComposeLab) {
    this.#lab = lab;
  }

  static async make(): Promise<KeyTrees> {
    const { fingerprint } = await signingKey('committer');
    process.env['GNUPGHOME'] = signingHome();
    const trees = new KeyTrees(await ComposeLab.open());
    await trees.#archives();
    await trees.#layer('layer', { 'usr/lib/layer': 'layer' });
    await trees.#layer('override', { 'usr/share/app/one': 'override' });
    const lock = await trees.#lockOfOld();
    await trees.#compose('plain', { ...COMMON, ref: 'keys/plain' });
    await trees.#compose('full', full(fingerprint), '--lockfile', lock);
    const gone = { 'ignore-removed-users': ['app', 'web'], 'ignore-removed-groups': ['app'], 'no-initramfs': true };
    const again = { 'automatic-version-prefix': '7', 'automatic-version-suffix': '-', packages: WITHOUT_USER };
    await trees.#compose('next', { ...COMMON, ...again, ...gone, ref: 'keys/full' });
    await trees.#compose('loose', {
      ...COMMON,
      packages: WITHOUT_USER,
      'preserve-passwd': false,
      cliwrap: true,
      ref: 'keys/plain',
    });
    await trees.#compose('container', { ...COMMON, container: true, recommends: false, ref: 'keys/container' });
    return trees;
  }

  tree(name: string): KeyTree {
    return this.#made.get(name) as KeyTree;
  }

  /** What a compose of the plain tree with these keys is refused with. */
  refuse(keys: Keys, ...args: string[]): Promise<Refusal> {
    return this.#lab.refuse(this.#treefile({ ...COMMON, ...keys }), '--force-nocache', ...args);
  }

  async #archives(): Promise<void> {
    const lab = this.#lab;
    await lab.archive('app', { packages: PACKAGES });
    await lab.archive('vendor', { packages: [{ name: 'both', version: '3' }] });
    await lab.archive('attic', { packages: [{ name: 'pinned', version: '1' }] });
    await lab.archive('unsigned', { packages: [{ name: 'unsigned' }], signers: [] }, 'Trusted: yes\n');
    await lab.archive('extra', { packages: [{ name: 'extra' }], codename: 'stable' });
    lab.edit('extra.sources', (text) => text.replace(/\/extra-/, '/${place}-').replace('stable', '${releasever}'));
  }

  async #layer(ref: string, files: Record<string, string>): Promise<void> {
    const directory = temporary();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    const how = ['--owner-uid=0', '--owner-gid=0', `--tree=dir=${directory}`];
    await run('ostree', ['commit', `--repo=${this.#lab.repo}`, `--branch=${ref}`, ...how]);
  }

  /** A lock of the version that only the old archive has. */
  async #lockOfOld(): Promise<string> {
    const file = this.#lab.treefile({ repos: ['base', 'attic'], packages: ['pinned'] });
    const { stdout } = await this.#lab.tool('aot-resolve', [file]);
    const lock = join(this.#lab.directory, 'old.json');
    writeFileSync(lock, stdout);
    return lock;
  }

  #treefile(keys: Keys): string {
    const file = this.#lab.treefile(keys, BESIDE);
    for (const script of ['finish.sh', 'stage.sh']) chmodSync(join(dirname(file), script), 0o755);
    return file;
  }

  async #compose(name: string, keys: Keys, ...args: string[]): Promise<void> {
    const { code, stderr } = await this.#lab.compose(this.#treefile(keys), ...args);
    expect(code, `${name}: ${stderr}`).toBe(0);
    const commits = new Commits(this.#lab.repo);
    const commit = (await commits.revision(String(keys['ref']).replace('${stream}', 'full'))) as string;
    const metadata = (key: string, detached?: boolean) => commits.metadata(commit, key, detached);
    const paths = await commits.paths(commit);
    this.#made.set(name, {
      ...{ commit, paths, metadata, treefile: JSON.parse(unquoted(await metadata('aptostree.treefile'))) },
      file: async (path) => (path in paths ? commits.file(commit, path) : undefined),
      packages: pairs((await metadata('aptostree.packages')) ?? ''),
    });
  }
}

const pairs = (list: string): string[] => [...list.matchAll(/\('([^']+)', '([^']+)'/g)].map(([, n, v]) => `${n} ${v}`);

/** A string in GVariant's text form. */
const unquoted = (text = "''"): string => text.slice(1, -1).replace(/\\(.)/g, '$1');
