import { appendFileSync, chmodSync, existsSync, lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tool, tree } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { Commits } from '../lib/commits.ts';
import { ComposeLab } from '../lib/compose-lab.ts';

let lab: ComposeLab;
let commits: Commits;
beforeAll(async () => {
  lab = await ComposeLab.open();
  commits = new Commits(lab.repo);
  const files = { '/usr/share/app/data': 'data', '/usr/share/doc/app/README': 'read me', '/etc/app.conf': 'a=1\n' };
  const postinst = 'mkdir -p /var/lib/app && echo state > /var/lib/app/state';
  await lab.archive('app', { packages: [{ name: 'app', files, scripts: { postinst } }] });
});

const at = (name: string): string => join(lab.directory, name);
const KEYS = {
  ...{ repos: ['base', 'app'], packages: ['app'], documentation: false, 'readonly-executables': true },
  ...{ 'remove-from-packages': [['app', '/usr/share/app/.*']], 'add-files': [['motd', '/etc/motd']] },
  postprocess: ['echo done > /usr/lib/done'],
};
const treefile = (ref: string, more = {}) => lab.treefile({ ref, ...KEYS, ...more }, { motd: 'hello\n' });

async function done(...words: string[]): Promise<string> {
  const { code, stderr, stdout } = await lab.tool('apt-ostree', ['compose', ...words]);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** `compose install` and `compose commit` keep to the cache directory that the tree was made with. */
async function withoutCachedir(...words: string[]): Promise<string> {
  const { code, stderr, stdout } = await tool('apt-ostree', ['compose', ...words]);
  expect(code, stderr).toBe(0);
  return stdout;
}

const install = (file: string, name: string, ...more: string[]) => done('install', file, at(name), ...more);
const postprocess = (name: string, file: string) => withoutCachedir('postprocess', at(`${name}/rootfs`), file);
const commit = (file: string, name: string, ...more: string[]) =>
  withoutCachedir('commit', '--repo', lab.repo, ...more, file, at(`${name}/rootfs`));
const UNCHANGED = 'No apparent changes since previous commit';

/** What `compose tree` says about a treefile now. */
const nowTree = (file: string) => done('tree', '--repo', lab.repo, file);

describe('install, postprocess and commit', () => {
  test('make the commit that compose tree makes, byte for byte', async () => {
    const file = treefile('whole');
    expect(await install(file, 'split', '--touch-if-changed', at('touched'))).toBe(
      `Installed to: ${at('split/rootfs')}\n`,
    );
    expect(existsSync(at('touched'))).toBe(true);
    expect(readFileSync(at('split/rootfs/usr/share/app/data'), 'utf8')).toBe('data');
    expect(existsSync(at('split/rootfs/usr/share/doc/app'))).toBe(false);
    expect(existsSync(at('split/rootfs/usr/lib/done'))).toBe(false);
    await postprocess('split', file);
    expect(readFileSync(at('split/rootfs/usr/lib/done'), 'utf8')).toBe('done\n');
    const before = tree(at('split/rootfs'));
    await commit(file, 'split');
    expect(tree(at('split/rootfs'))).toEqual(before);
    const whole = await commits.revision('whole');
    expect(await nowTree(file)).toContain(UNCHANGED);
    await done('tree', '--repo', lab.repo, '--no-parent', '--force-nocache', file);
    expect(await commits.revision('whole')).toBe(whole);
  });

  test('install --postprocess does both', async () => {
    const file = treefile('whole');
    await install(file, 'once', '--postprocess');
    const before = await commits.revision('whole');
    await commit(file, 'once', '--no-parent');
    expect(await commits.revision('whole')).toBe(before);
  });

  test('every option of commit', async () => {
    const file = treefile('options');
    await install(file, 'options', '--postprocess');
    writeFileSync(at('more.json'), '{"more": "json"}');
    const words = ['--add-metadata-string', 'a=b', '--add-metadata-from-json', at('more.json')];
    const out = ['--write-commitid-to', at('id'), '--write-composejson-to', at('compose.json')];
    const stdout = await commit(file, 'options', ...words, ...out, '--no-parent');
    const id = readFileSync(at('id'), 'utf8').trim();
    expect(stdout).toContain(`Wrote commit: ${id}\n`);
    expect(await commits.revision('options')).toBeUndefined();
    expect([await commits.metadata(id, 'a'), await commits.metadata(id, 'more')]).toEqual(["'b'", "'json'"]);
    expect(JSON.parse(readFileSync(at('compose.json'), 'utf8'))).toMatchObject({ 'ostree-commit': id });
    await commit(file, 'options', '--parent', id);
    expect(await commits.parent('options')).toBe(id);
  });
});

describe('a tree that is not what its treefile makes', () => {
  const EDITS: [what: string, edit: (root: string) => void][] = [
    ['a new file', (root) => writeFileSync(join(root, 'usr/lib/hand'), 'made')],
    [
      'a content of the same size and time',
      (root) => sameTime(join(root, 'etc/app.conf'), (f) => writeFileSync(f, 'a=2\n')),
    ],
    ['a mode', (root) => chmodSync(join(root, 'etc/app.conf'), 0o600)],
  ];
  test.each(EDITS)('was edited by hand: %s', async (what, edit) => {
    const ref = `hand/${what.replaceAll(' ', '-')}`;
    const file = treefile(ref);
    await install(file, ref, '--postprocess');
    edit(at(`${ref}/rootfs`));
    await commit(file, ref);
    const edited = await commits.revision(ref);
    expect(await nowTree(file)).toContain(`${ref} => `);
    expect(await commits.parent(ref)).toBe(edited);
  });

  test('was edited between install and postprocess', async () => {
    const file = treefile('between');
    await install(file, 'between');
    appendFileSync(at('between/rootfs/etc/app.conf'), 'b=1\n');
    await postprocess('between', file);
    await commit(file, 'between');
    expect(await commits.file('between', '/usr/etc/app.conf')).toBe('a=1\nb=1\n');
    expect(await nowTree(file)).toContain('between => ');
  });

  test('was never post-processed, or with another treefile', async () => {
    const file = treefile('never');
    await install(file, 'never');
    await commit(file, 'never');
    expect(await commits.paths('never', '/usr/lib')).not.toHaveProperty('/usr/lib/done');
    const other = treefile('never', { postprocess: ['echo other > /usr/lib/done'] });
    await postprocess('never', other);
    await commit(file, 'never');
    expect(await nowTree(file)).toContain('never => ');
    expect(await commits.file('never', '/usr/lib/done')).toBe('done\n');
  });
});

function sameTime(file: string, edit: (file: string) => void): void {
  const { atime, mtime } = lstatSync(file);
  edit(file);
  utimesSync(file, atime, mtime);
}

describe('install', () => {
  test('lists, locks and downloads as compose tree does, and refuses a tree that is there', async () => {
    const file = treefile('parts');
    expect(await install(file, 'parts', '--dry-run')).toContain('  app 1.0-1 all\n');
    expect(JSON.parse(await install(file, 'parts', '--print-only'))).toMatchObject({ ref: 'parts' });
    expect(await install(file, 'parts', '--download-only')).toContain('--download-only complete');
    expect(existsSync(at('parts'))).toBe(false);
    await install(file, 'parts', '--cache-only', '--write-lockfile-to', at('lock.json'));
    expect(JSON.parse(readFileSync(at('lock.json'), 'utf8'))).toMatchObject({ kind: 'aot.packages/v1' });
    const again = await lab.tool('apt-ostree', ['compose', 'install', file, at('parts')]);
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('it is there already') });
  });

  test('--previous-inputhash: nothing to do', async () => {
    const file = treefile('hash');
    const hash = /^Input state hash: (.*)$/m.exec(await nowTree(file))?.[1] as string;
    const words = ['--previous-inputhash', hash, '--touch-if-changed', at('hashed')];
    expect(await install(file, 'hash', ...words)).toContain(UNCHANGED);
    expect([existsSync(at('hash')), existsSync(at('hashed'))]).toEqual([false, false]);
    expect(await install(file, 'hash', ...words, '--force-nocache')).toContain('Installed to');
  });
});

test('compose rootfs leaves what a deployment of the commit would have', async () => {
  const file = treefile('image');
  expect(await done('rootfs', file, at('image'))).toBe(`Wrote: ${at('image')}\n`);
  expect(readFileSync(at('image/etc/motd'), 'utf8')).toBe('hello\n');
  expect(readFileSync(at('image/usr/lib/done'), 'utf8')).toBe('done\n');
  expect(existsSync(at('image/usr/etc'))).toBe(false);
  expect(existsSync(at('image/usr/lib/sysimage/dpkg/status'))).toBe(true);
  expect(await commits.revision('image')).toBeUndefined();
  const again = await lab.tool('apt-ostree', ['compose', 'rootfs', file, at('image')]);
  expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('it is there already') });
});
