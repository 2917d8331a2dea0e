import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '@apt-ostree/run';
import type { ArchivePackage, FileSpec } from '@apt-ostree/testkit';
import { temporary } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
let commits: Commits;
beforeAll(async () => {
  lab = await ComposeLab.open();
  commits = new Commits(lab.repo);
  await lab.archive('app', { packages: PACKAGES });
  await lab.archive('vendor', { packages: [{ name: 'both', version: '3', files: { '/usr/lib/both': 'vendor' } }] });
});

/** As much of systemd as the keys for units need: `systemctl enable`, and units. */
const SYSTEMCTL = `#!/bin/sh -e
[ "$1 $2 $3" = "--root=/ enable --" ]; shift 3
mkdir -p /etc/systemd/system/multi-user.target.wants
for unit; do ln -s /usr/lib/systemd/system/$unit /etc/systemd/system/multi-user.target.wants/$unit; done
`;
const unit = '[Unit]\nDescription=x\n';
const text = (path: string): [string, string] => [path, path];
const program: FileSpec = { content: '#!/bin/sh\n', mode: 0o755 };

const PACKAGES: ArchivePackage[] = [
  {
    name: 'app',
    files: {
      ...Object.fromEntries(['/usr/share/doc/app/copyright', '/usr/share/doc/app/README', '/etc/app.conf'].map(text)),
      ...Object.fromEntries(['/usr/share/man/man1/app.1', '/usr/share/man/de/man1/app.1'].map(text)),
      ...Object.fromEntries(['de', 'de_AT', 'fr', 'pt_BR'].map((l) => text(`/usr/share/locale/${l}/LC_MESSAGES/a.mo`))),
      ...Object.fromEntries(['/usr/share/app/one', '/usr/share/app/two.bak', '/usr/lib/app/junk'].map(text)),
      '/usr/bin/app': program,
    },
    control: { Depends: 'needed', Recommends: 'nice' },
  },
  ...[{ name: 'needed' }, { name: 'nice' }, { name: 'both', version: '1' }, { name: 'both', version: '2' }],
  { name: 'opt', files: { '/opt/vendor/bin/tool': program, '/usr/share/opt': 'x' } },
  {
    name: 'init',
    files: {
      '/usr/bin/systemctl': { content: SYSTEMCTL, mode: 0o755 },
      '/usr/lib/systemd/system/app.service': unit,
      '/usr/lib/systemd/system/rescue.target': unit,
      '/usr/lib/systemd/system/ostree-state-overlay@.service': unit,
    },
  },
  {
    name: 'asker', // with as much of debconf as hands an answer on
    files: { '/usr/bin/debconf-set-selections': { content: '#!/bin/sh\ncp "$1" /usr/lib/answers\n', mode: 0o755 } },
    scripts: { postinst: 'grep -q "^asker asker/name string blue$" /usr/lib/answers' },
  },
  { name: 'kernel', files: { '/boot/vmlinuz-1': 'kernel', '/usr/lib/modules/1/modules.dep.bin': '' } },
  {
    name: 'user',
    scripts: { postinst: 'echo app:x:999:999::/:/bin/sh >> /etc/passwd; echo app:x:999: >> /etc/group' },
  },
];

let count = 0;

interface Made {
  ref: string;
  paths: Record<string, string>;
  packages: string[];
  file(path: string): Promise<string>;
}

/** Composes a tree with these keys. */
async function composed(
  keys: Record<string, unknown>,
  files: Record<string, string> = {},
  ref?: string,
): Promise<Made> {
  const name = ref ?? `keys/${count++}`;
  const file = lab.treefile({ ref: name, repos: ['base', 'app'], ...keys }, files);
  const { code, stderr } = await lab.compose(file, '--force-nocache');
  expect(code, stderr).toBe(0);
  const list = (await commits.metadata(name, 'aptostree.packages')) ?? '';
  return {
    ref: name,
    paths: await commits.paths(name),
    packages: [...list.matchAll(/\('([^']+)', '([^']+)'/g)].map(([, n, v]) => `${n} ${v}`),
    file: (path) => commits.file(name, path),
  };
}

const refused = (keys: Record<string, unknown>, files: Record<string, string> = {}) =>
  lab.refuse(lab.treefile({ repos: ['base', 'app'], packages: ['app'], ...keys }, files));

describe('packages', () => {
  const names = ({ packages }: Made) => packages.map((p) => p.split(' ')[0]).filter((n) => n !== 'tiny-base');

  test('recommended ones come, unless recommends is false', async () => {
    expect(names(await composed({ packages: ['app'], recommends: true }))).toEqual(['app', 'needed', 'nice']);
    expect(names(await composed({ packages: ['app'], recommends: false }))).toEqual(['app', 'needed']);
  });

  test('exclude-packages drops what is recommended; a hard dependency is an error that names both', async () => {
    const drop = { packages: ['app'], recommends: true, 'exclude-packages': ['nice'] };
    expect(names(await composed(drop))).toEqual(['app', 'needed']);
    const { stage, exit, message } = await refused({ 'exclude-packages': ['needed'] });
    expect({ stage, exit }).toEqual({ stage: 'resolve', exit: 1 });
    expect(message).toMatch(/'app'.*needed/);
    expect(await refused({ 'exclude-packages': ['app'] })).toMatchObject({
      ...{ exit: 78, message: expect.stringContaining("package 'app' is asked for and excluded") },
    });
  });

  test('a version, a relation, and an archive', async () => {
    expect((await composed({ packages: ['both'] })).packages).toContain('both 2');
    expect((await composed({ packages: ['both=1'] })).packages).toContain('both 1');
    expect((await composed({ packages: ["'both < 2'"] })).packages).toContain('both 1');
    const repos = ['base', 'app', 'vendor'];
    expect((await composed({ repos, packages: ['both'] })).packages).toContain('both 3');
    const from = { repos, packages: ['app'], 'repo-packages': [{ repo: 'app', packages: ['both'] }] };
    expect((await composed(from)).packages).toContain('both 2');
    const missing = await refused({ packages: ['both=7'] });
    expect(missing.message).toMatch(/'both=7'.*there is/);
  });
});

describe('what packages brought', () => {
  test('stays as it is without further keys', async () => {
    const { paths } = await composed({ packages: ['app'] });
    expect(paths).toMatchObject({
      '/usr/share/doc/app/README': '-00644',
      '/usr/share/man/man1/app.1': '-00644',
      '/usr/share/locale/fr/LC_MESSAGES/a.mo': '-00644',
      '/usr/bin/app': '-00755',
      '/usr/etc/machine-id': '-00444',
      '/opt': '→ var/opt',
      '/usr/local': '→ ../var/usrlocal',
      '/tmp': 'd01777',
    });
  });

  test('is thinned out: documentation, languages, files, files of packages, write bits', async () => {
    const { paths } = await composed({
      ...{ packages: ['app'], documentation: false, 'install-langs': ['de'], 'readonly-executables': true },
      ...{
        'remove-files': ['/usr/lib/app', 'usr/share/nothing'],
        'remove-from-packages': [['app', '/usr/share/app/.*\\.bak']],
      },
    });
    const here = (path: string) => path in paths;
    const gone = ['/usr/share/doc/app/README', '/usr/share/man/man1/app.1', '/usr/lib/app', '/usr/share/app/two.bak'];
    expect(gone.filter(here)).toEqual([]);
    expect(['/usr/share/locale/fr', '/usr/share/locale/pt_BR'].filter(here)).toEqual([]);
    const kept = [
      '/usr/share/doc/app/copyright',
      '/usr/share/app/one',
      '/usr/share/locale/de',
      '/usr/share/locale/de_AT',
    ];
    expect(kept.filter((path) => !here(path))).toEqual([]);
    expect(paths['/usr/bin/app']).toBe('-00555');
    expect(paths['/usr/share/app/one']).toBe('-00644');
  });

  test('a package that is not in the tree cannot lose files', async () => {
    expect(await refused({ 'remove-from-packages': [['absent', '.*']] })).toMatchObject({
      ...{ stage: 'sandbox', message: expect.stringContaining("'absent'") },
    });
  });
});

describe('add-files', () => {
  test('puts files of root into /usr and /etc, through the links of the merged /usr', async () => {
    const pairs = [
      ['conf', '/etc/new/conf'],
      ['conf', '/usr/lib/new'],
      ['conf', '/lib/merged'],
      ['conf', '/etc/app.conf'],
    ];
    const made = await composed({ packages: ['app'], 'add-files': pairs }, { conf: 'own\n' });
    for (const path of ['/usr/etc/new/conf', '/usr/lib/new', '/usr/lib/merged', '/usr/etc/app.conf'])
      expect([path, await made.file(path), made.paths[path]]).toEqual([path, 'own\n', '-00644']);
  });

  test.each(['/var/lib/x', '/home/x', '/usr/local/x', '/opt/x', '/x', '/usr/../var/x', '/etc', 'var/x'])(
    'not to %s',
    async (target) => {
      const refusal = await refused({ 'add-files': [['conf', target]] }, { conf: '' });
      expect(refusal).toMatchObject({ exit: 78, message: expect.stringContaining('tree.yaml') });
    },
  );

  test.each(['gone', '../conf', '/etc/passwd'])('not from %s', async (source) => {
    expect(await refused({ 'add-files': [[source, '/etc/x']] })).toMatchObject({
      ...{ exit: 78, message: expect.stringContaining(`'${source}'`) },
    });
  });
});

describe('the layout', () => {
  test('opt-usrlocal: var, root, stateoverlay', async () => {
    const keys = { packages: ['opt', 'init'] };
    const asVar = await composed({ ...keys, 'opt-usrlocal': 'var' });
    expect(asVar.paths).toMatchObject({ '/opt': '→ var/opt', '/usr/lib/opt/vendor/bin/tool': '-00755' });
    const asRoot = await composed({ ...keys, 'opt-usrlocal': 'root' });
    expect(asRoot.paths).toMatchObject({ '/opt/vendor/bin/tool': '-00755', '/usr/local': 'd00755' });
    const overlay = await composed({ ...keys, 'opt-usrlocal': 'stateoverlay' });
    expect(overlay.paths).toMatchObject({ '/opt': '→ usr/lib/opt', '/usr/lib/opt/vendor/bin/tool': '-00755' });
    const wants = '/usr/lib/systemd/system/local-fs.target.wants/ostree-state-overlay@';
    for (const name of ['usr-lib-opt', 'usr-local']) expect(overlay.paths).toHaveProperty([`${wants}${name}.service`]);
    expect(await refused({ packages: ['opt'], 'opt-usrlocal': 'stateoverlay' })).toMatchObject({
      stage: 'commit',
      exit: 78,
    });
  });

  test('tmp-is-dir, no-initramfs and machineid-compat, of a tree with a kernel', async () => {
    const host = { packages: ['kernel'], container: false, 'no-initramfs': true };
    const { paths, ref } = await composed({ ...host, 'tmp-is-dir': false, 'machineid-compat': false });
    expect(paths).toMatchObject({ '/tmp': '→ sysroot/tmp', '/usr/lib/modules/1/vmlinuz': '-00644' });
    expect(Object.keys(paths).filter((path) => /initramfs|machine-id/.test(path))).toEqual([]);
    expect(await commits.metadata(ref, 'ostree.linux')).toBe("'1'");
    expect((await composed({ ...host, 'tmp-is-dir': true })).paths['/tmp']).toBe('d01777');
  });

  test('a prepare-root.conf of the treefile stays, for a transient root', async () => {
    const keys = {
      packages: ['opt'],
      'opt-usrlocal': 'root',
      'add-files': [['p', '/usr/lib/ostree/prepare-root.conf']],
    };
    const made = await composed(keys, { p: '[root]\ntransient = true\n' });
    expect(await made.file('/usr/lib/ostree/prepare-root.conf')).toBe('[root]\ntransient = true\n');
    expect(made.paths['/opt']).toBe('d00755');
  });
});

describe('units', () => {
  test('are enabled, with a default target, also without machineid-compat', async () => {
    const keys = {
      packages: ['init'],
      units: ['app.service'],
      'default-target': 'rescue.target',
      'machineid-compat': false,
    };
    const { paths } = await composed(keys);
    const etc = '/usr/etc/systemd/system';
    expect(paths).toMatchObject({
      [`${etc}/multi-user.target.wants/app.service`]: '→ /usr/lib/systemd/system/app.service',
      [`${etc}/default.target`]: '→ /usr/lib/systemd/system/rescue.target',
    });
    expect(paths).not.toHaveProperty(['/usr/etc/machine-id']);
  });

  test('that are not there are named', async () => {
    expect(await refused({ units: ['app.service'] })).toMatchObject({ hint: expect.stringContaining('systemd') });
    expect((await refused({ packages: ['init'], 'default-target': 'none.target' })).message).toContain('none.target');
  });
});

describe('layers', () => {
  async function layer(ref: string, files: Record<string, string>) {
    const directory = temporary();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    const how = ['--owner-uid=0', '--owner-gid=0', `--tree=dir=${directory}`];
    await run('ostree', ['commit', `--repo=${lab.repo}`, `--branch=${ref}`, ...how]);
  }

  test('are put over the packages; a conflict is an error, an override is not', async () => {
    await layer('layer', { 'usr/lib/layer': 'first', 'usr/etc/layer.conf': 'conf' });
    await layer('clash', { 'usr/share/app/one': 'clash' });
    const file = lab.treefile({
      ref: 'layered',
      repos: ['base', 'app'],
      packages: ['app'],
      'ostree-layers': ['layer'],
    });
    const first = await lab.compose(file);
    expect(first.code, first.stderr).toBe(0);
    expect(await commits.file('layered', '/usr/etc/layer.conf')).toBe('conf');
    const said = await lab.compose(file);
    expect(said.stdout).toContain('No apparent changes since previous commit');
    expect(first.stdout.split('\n')[0]).toBe(said.stdout.split('\n')[0]);
    expect(await commits.metadata('layered', 'aptostree.inputhash')).toBe(`'${said.stdout.slice(18, 82)}'`);
    await layer('layer', { 'usr/lib/layer': 'second' });
    expect((await lab.compose(file)).stdout).toContain('layered => ');
    expect(await commits.file('layered', '/usr/lib/layer')).toBe('second');
    expect(await refused({ 'ostree-layers': ['clash'] })).toMatchObject({
      ...{ stage: 'commit', message: expect.stringContaining("'clash'") },
    });
    expect(
      await (await composed({ packages: ['app'], 'ostree-override-layers': ['clash'] })).file('/usr/share/app/one'),
    ).toBe('clash');
    expect(await refused({ 'ostree-layers': ['nowhere'] })).toMatchObject({
      exit: 66,
      message: expect.stringContaining("'nowhere'"),
    });
  });
});

test('postprocess: the included before the including, then the script, in the tree and without network', async () => {
  const keys = { repos: ['base', 'app'], ref: 'post', include: 'base.yaml', packages: ['app'] };
  const own = { postprocess: ['echo own >> /usr/lib/order'], 'postprocess-script': 'finish.sh' };
  const base = 'postprocess:\n- |\n  #!/bin/sh\n  echo base >> /usr/lib/order\n  cat /proc/net/dev > /usr/lib/net\n';
  const file = lab.treefile(
    { ...keys, ...own },
    { 'base.yaml': base, 'finish.sh': '#!/bin/sh\necho script >> /usr/lib/order\n' },
  );
  chmodSync(join(dirname(file), 'finish.sh'), 0o755);
  const { code, stderr } = await lab.compose(file);
  expect(code, stderr).toBe(0);
  expect(await commits.file('post', '/usr/lib/order')).toBe('base\nown\nscript\n');
  expect([...(await commits.file('post', '/usr/lib/net')).matchAll(/^ *(\S+):/gm)].map((m) => m[1])).toEqual(['lo']);
});

test('debconf: answers are there before the first script runs', async () => {
  const answer = (value: string) => ({ debconf: { 'asker/name': { package: 'asker', type: 'string', value } } });
  const made = await composed({ packages: ['asker'], ...answer('blue') });
  expect(await made.file('/usr/lib/answers')).toBe('asker asker/name string blue\n');
  expect((await refused({ packages: ['asker'], ...answer('red') })).message).toContain("'asker:all'");
});

test('disk: about a machine, so that nothing of it comes into a commit or changes one', async () => {
  const file = (disk?: object) =>
    lab.treefile(
      { ref: 'disk', repos: ['base', 'app'], packages: ['app'], ...(disk && { disk }) },
      { hash: '$6$a$b\n' },
    );
  expect((await lab.compose(file())).code).toBe(0);
  const again = await lab.compose(file({ hostname: 'web', 'password-hash-file': 'hash' }));
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('No apparent changes') });
});

describe('check-passwd and check-groups', () => {
  const host = { container: false, 'no-initramfs': true, packages: ['kernel', 'user'] };

  test('a user of the parent that is gone is an error, unless it is ignored or not checked', async () => {
    const { ref } = await composed(host);
    const without = { ...host, ref, packages: ['kernel'] };
    const refusal = await refused(without);
    expect(refusal).toMatchObject({ stage: 'commit', exit: 1 });
    expect(refusal.message).toMatch(/user 'app' is gone; group 'app' is gone/);
    const none = { 'check-passwd': { type: 'none' }, 'check-groups': { type: 'none' } };
    await composed({ ...without, ...none }, {}, ref);
    await composed({ ...without, 'preserve-passwd': false }, {}, ref);
  });

  test('a file, or numbers in the treefile', async () => {
    const data = (uid: number) => ({ 'check-passwd': { type: 'data', entries: { root: 0, app: [uid, 999] } } });
    await composed({ ...host, ...data(999) });
    expect((await refused({ ...host, ...data(7) })).message).toContain("user 'app' was 7:999 and is 999:999");
    const filed = { ...host, 'check-groups': { type: 'file', filename: 'group' } };
    await composed(filed, { group: 'app:x:999:\n' });
    expect((await refused(filed, { group: 'app:x:5:\n' })).message).toContain("group 'app' was 5 and is 999");
  });
});
