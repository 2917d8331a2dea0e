import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputHash } from '@apt-ostree/manifest';
import { beforeEach, expect, test } from 'vitest';
import { tree as definition, type TreeArgs } from '../src/compose/tree.command.ts';
import { tree } from '../src/compose/tree.ts';
import { archives, commit, fakeContext, fakeStages, packages, parse, rootfs } from './fake.ts';

let directory: string;
let stages: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'aot-tree-'));
  writeFileSync(join(directory, 'tree.yaml'), 'ref: test/ref\npackages: [hello]\n');
  stages = fakeStages(directory, {
    resolve: packages,
    fetch: archives,
    unpack: { ...rootfs('r'), state: 'unpacked' },
    sandbox: rootfs('r'),
    commit,
  });
});

const at = (name: string): string => join(directory, name);
const ran = (): string[] => (existsSync(at('ran')) ? readFileSync(at('ran'), 'utf8').trim().split('\n') : []);
const stagesRan = () => ran().map((line) => line.split(' ')[0]);

async function compose(...words: string[]) {
  const fake = fakeContext();
  const argv = ['--cachedir', at('cache'), ...stages, ...words, at('tree.yaml')];
  const result = await tree(parse<TreeArgs>(definition, argv), fake.context);
  return { ...fake, result };
}

test('runs every stage and ends with the ref and its commit', async () => {
  const { result, said } = await compose('--repo', at('repo'), '--write-lockfile-to', at('lock.json'));
  expect(stagesRan().sort()).toEqual(['commit', 'fetch', 'resolve', 'sandbox', 'unpack']);
  expect(result).toBe(`Input state hash: ${inputHash(packages)}\ntest/ref => ${commit.commit}\n`);
  expect(said.at(-1)).toMatch(/^Time: .* s in all$/);
  expect(JSON.parse(readFileSync(at('lock.json'), 'utf8'))).toEqual(packages);
  expect(JSON.parse(readFileSync(at('fetch.in'), 'utf8'))).toEqual(packages);
});

test('hands options to the stages they belong to', async () => {
  await compose(
    '--repo',
    'R',
    '--ex-lockfile',
    'L',
    '--cache-only',
    '--strict-var',
    '--add-metadata-string',
    'a=b',
    '--parent',
    'P',
  );
  const line = (stage: string) => ran().find((l) => l.startsWith(stage));
  expect(line('resolve')).toContain(`--lockfile L --cache-only`);
  expect(line('fetch')).toContain(`--source-root ${directory} --offline`);
  expect(line('commit')).toContain('--repo R --add-metadata-string a=b --parent P --strict-var');
});

test('a dry run lists packages and goes no further', async () => {
  const { result } = await compose('--dry-run');
  expect(result).toBe('Installing 1 packages:\n  hello 1.0-1 amd64\n--dry-run complete; exiting\n');
  expect(stagesRan()).toEqual(['resolve']);
});

test('--print-only prints the flattened treefile and runs nothing', async () => {
  const { result } = await compose('--print-only');
  expect(JSON.parse(result ?? '')).toMatchObject({ ref: 'test/ref', packages: ['hello'] });
  expect(stagesRan()).toEqual([]);
});

test('--download-only-debs ends after fetch; the spelling of rpm-ostree means the same', async () => {
  await compose('--download-only-rpms');
  expect(stagesRan()).toEqual(['resolve', 'fetch']);
});

test('nothing changed since the parent commit: says so, and runs no further stage', async () => {
  const ostree = (...args: string[]) => execFileSync('ostree', [`--repo=${at('repo')}`, ...args]);
  ostree('init', '--mode=archive');
  const metadata = `--add-metadata-string=aptostree.inputhash=${inputHash(packages)}`;
  ostree('commit', '-b', 'test/ref', metadata, `--tree=dir=${at('.')}`, '--no-xattrs');
  const { result } = await compose('--repo', at('repo'), '--touch-if-changed', at('touched'));
  expect(result).toContain('No apparent changes since previous commit; use --force-nocache to override\n');
  expect(stagesRan()).toEqual(['resolve']);
  expect(existsSync(at('touched'))).toBe(false);
  await compose('--repo', at('repo'), '--force-nocache', '--touch-if-changed', at('touched'));
  expect(stagesRan()).toContain('commit');
  expect(existsSync(at('touched'))).toBe(true);
});

test('--previous-inputhash decides without a repository', async () => {
  const { result } = await compose('--repo', at('none'), '--previous-inputhash', inputHash(packages));
  expect(result).toContain('No apparent changes');
});

test('--write-composejson-to has the keys of rpm-ostree', async () => {
  await compose('--repo', at('repo'), '--write-composejson-to', at('compose.json'));
  expect(JSON.parse(readFileSync(at('compose.json'), 'utf8'))).toEqual({
    'ostree-commit': commit.commit,
    'ostree-content-checksum': commit.contentChecksum,
    'ostree-version': '7',
    'ostree-timestamp': '2023-11-14T22:13:20Z',
    'apt-ostree-inputhash': commit.inputHash,
    ref: 'test/ref',
  });
});

test('the working tree is gone afterwards, also after a failure', async () => {
  stages.push('--stage', 'sandbox=false');
  await expect(compose('--repo', at('repo'))).rejects.toThrow("stage 'sandbox' failed");
  expect(execFileSync('find', [at('cache/tmp'), '-mindepth', '1'], { encoding: 'utf8' })).toBe('');
});

test('a filter stands behind its stage, also in the lockfile', async () => {
  const filter = at('filter.sh');
  writeFileSync(filter, 'sed s/1.0-1/2.0-1/g\n');
  await compose('--repo', at('repo'), '--after', `resolve=sh ${filter}`, '--write-lockfile-to', at('lock.json'));
  expect(readFileSync(at('lock.json'), 'utf8')).toContain('"version":"2.0-1"');
});

test.each([[[]], [['--repo', 'r', '--parent', 'x', '--no-parent']]])('%j is a usage error', async (words) => {
  await expect(compose(...words)).rejects.toMatchObject({ exit: 64 });
  expect(stagesRan()).toEqual([]);
});

test('an option for SELinux is refused with its reason', () => {
  expect(() => parse(definition, ['--disable-selinux', 'x'])).toThrow('SELinux');
});
