import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ImageSpec,
  imageLayout,
  signingHome,
  signingKey,
  type TarEntry,
  temporary,
  tool,
} from '@apt-ostree/testkit';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Encapsulated, encapsulate } from '../encapsulate.ts';

let source: string;
let whole: Encapsulated;

const ostreeIn = (repo: string, ...args: string[]) =>
  execFileSync('ostree', [`--repo=${repo}`, ...args], { encoding: 'utf8' });

beforeAll(() => {
  const dir = temporary();
  source = join(dir, 'repo');
  const tree = join(dir, 'tree');
  for (const d of ['usr/etc', 'usr/bin', 'usr/lib/sysimage/dpkg', 'var', 'sysroot'])
    mkdirSync(join(tree, d), { recursive: true });
  writeFileSync(join(tree, 'usr/etc/issue'), 'one\n');
  writeFileSync(join(tree, 'usr/bin/su'), 'su', { mode: 0o755 });
  execFileSync('chmod', ['4755', join(tree, 'usr/bin/su')]);
  writeFileSync(join(tree, 'usr/empty'), '');
  symlinkSync('bin/su', join(tree, 'usr/link'));
  ostreeIn(source, 'init', '--mode=bare');
  ostreeIn(
    source,
    'commit',
    '--branch=x',
    '--add-metadata-string=version=7',
    '--timestamp=@1000',
    `--tree=dir=${tree}`,
  );
  whole = encapsulate(source, 'x');
});

async function image(
  dir: string,
  edit: (layers: TarEntry[][]) => TarEntry[][] = (l) => l,
  more: Partial<ImageSpec> = {},
  last = 2,
) {
  const layers = edit(whole.layers.map((l) => [...l]));
  const first = await imageLayout(join(dir, 'draft'), { layers });
  const labels = {
    'ostree.bootable': 'true',
    'ostree.commit': whole.commit,
    'ostree.final-diffid': first.layers[last]?.diffId ?? '',
  };
  return imageLayout(join(dir, 'image'), { labels, layers, ...more });
}

const importing = (dir: string, reference: string, ...more: string[]) =>
  tool('aot-ociimport', [reference, '-q', '--repo', join(dir, 'repo'), '--ref', 'y', ...more]);

describe('an image that carries a commit', () => {
  test('gives that very commit', async () => {
    const dir = temporary(onTestFinished);
    const result = await importing(dir, (await image(dir)).reference);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      commit: whole.commit,
      version: '7',
      timestamp: 1000,
      image: { format: 'encapsulated' },
    });
    expect(ostreeIn(join(dir, 'repo'), 'rev-parse', 'y').trim()).toBe(whole.commit);
    ostreeIn(join(dir, 'repo'), 'fsck', '--quiet');
  });

  test('with layers over it gives the commit of the whole, and what is below is not read again', async () => {
    const dir = temporary(onTestFinished);
    await importing(dir, (await image(dir)).reference);
    const over: TarEntry[] = [
      { name: 'etc/issue', content: 'two\n' },
      { name: 'usr/bin/.wh.su', content: '' },
      { name: 'usr/n', type: 'link', linkname: 'usr/link' },
    ];
    const result = JSON.parse((await importing(dir, (await image(dir, (l) => [...l, over])).reference)).stdout);
    expect(result.commit).not.toBe(whole.commit);
    expect(result.image.layers.map((l: { fetched: boolean }) => l.fetched)).toEqual([false, false, false, true]);
    const repo = join(dir, 'repo');
    ostreeIn(repo, 'fsck', '--quiet');
    expect(
      ostreeIn(repo, 'diff', whole.commit, 'y')
        .trim()
        .split('\n')
        .map((l) => l.replace(/ +/, ' '))
        .sort(),
    ).toEqual(['A /usr/n', 'D /usr/bin/su', 'M /usr/etc/issue']);
    const archive = temporary(onTestFinished);
    ostreeIn(join(archive, 'repo'), 'init', '--mode=archive');
    const again = await image(archive, (l) => [...l, over]);
    expect(JSON.parse((await importing(archive, again.reference)).stdout).commit).toBe(result.commit);
  });

  test('keeps its signature, and only a signed one is accepted from a remote', async () => {
    const dir = temporary(onTestFinished);
    const key = await signingKey();
    writeFileSync(join(dir, 'key'), key.armored);
    const unsigned = await image(dir);
    const repo = join(dir, 'repo');
    ostreeIn(repo, 'init', '--mode=bare');
    ostreeIn(repo, 'remote', 'add', 'r', `--gpg-import=${join(dir, 'key')}`, 'http://127.0.0.1/');
    expect(await importing(dir, unsigned.reference, '--verify-remote', 'r')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/[Ss]ignature/),
    });
    expect(ostreeIn(repo, 'refs').trim()).toBe('');
    ostreeIn(source, 'gpg-sign', `--gpg-homedir=${signingHome()}`, whole.commit, key.fingerprint);
    whole = encapsulate(source, 'x');
    const result = await importing(dir, (await image(dir)).reference, '--verify-remote', 'r');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(ostreeIn(repo, 'show', '--gpg-verify-remote=r', 'y')).toMatch(/Good signature/);
    expect(await importing(dir, 'registry:127.0.0.1:1/os:13', '--verify-remote', 'r', '--cache-only')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(
        "cannot use '--cache-only' together with '--verify-remote'\nhint: a signature is",
      ),
    });
    const over = await image(dir, (layers) => [...layers, [{ name: 'usr/evil', content: '' }]]);
    expect(await importing(dir, over.reference, '--verify-remote', 'r')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/it has layers over its commit/),
    });
  });
});

const edited = (layer: number, edit: (entry: TarEntry) => TarEntry | undefined) => (layers: TarEntry[][]) =>
  layers.map((l, i) => (i === layer ? l.flatMap((e) => edit(e) ?? []) : l));
const isFile = ({ name, content }: TarEntry) =>
  name.endsWith('.file') && content !== undefined && String(content) !== '';

const REFUSED: Record<string, [(layers: TarEntry[][]) => TarEntry[][], RegExp, Partial<ImageSpec>?]> = {
  'whose commit is damaged': [
    edited(0, (e) => (e.name.endsWith('.commit') ? { ...e, content: 'x' } : e)),
    /commit' is damaged/,
  ],
  'whose commit is missing': [
    edited(0, (e) => (e.name.endsWith('.commit') ? undefined : e)),
    /its layers lack the commit/,
  ],
  'that lacks a directory': [
    edited(0, (e) => (e.name.endsWith('.dirtree') ? undefined : e)),
    /lacks the object '[0-9a-f]{64}.dirtree'/,
  ],
  'that lacks files': [
    edited(1, (e) => (e.name.endsWith('.file') ? undefined : e)),
    /lacks the object '[0-9a-f]{64}.file'/,
  ],
  'with a file that is not what its name says': [
    (layers) => layers.map((l) => l.map((e) => (isFile(e) ? { ...e, content: 'other' } : e))),
    /\.file' is damaged/,
  ],
  'with a file of another mode': [
    (layers) => layers.map((l) => l.map((e) => (isFile(e) ? { ...e, mode: 0o7777 } : e))),
    /\.file' is damaged/,
  ],
  'with files without their attributes': [
    edited(1, (e) => (e.name.endsWith('-xattrs-link') ? undefined : e)),
    /without its extended attributes/,
  ],
};

describe('an image with a commit', () => {
  test.each(Object.entries(REFUSED))('%s is refused and leaves nothing', async (_name, [edit, message]) => {
    const dir = temporary(onTestFinished);
    const result = await importing(dir, (await image(dir, edit)).reference);
    expect(result.stderr).toMatch(message);
    expect(result).toMatchObject({ code: 65, stdout: '' });
    expect(ostreeIn(join(dir, 'repo'), 'refs').trim()).toBe('');
  });

  test('whose labels name no layer or no commit is refused', async () => {
    const dir = temporary(onTestFinished);
    expect(await importing(dir, (await image(dir, undefined, {}, 7)).reference)).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/final-diffid/),
    });
  });
});
