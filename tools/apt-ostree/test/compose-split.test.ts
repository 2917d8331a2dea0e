import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandDefinition } from '@apt-ostree/cli';
import { beforeEach, expect, test } from 'vitest';
import { commit as commitDefinition } from '../src/compose/commit.command.ts';
import { install as installDefinition } from '../src/compose/install.command.ts';
import { postprocess as postprocessDefinition } from '../src/compose/postprocess.command.ts';
import { rootfs as rootfsDefinition } from '../src/compose/rootfs.command.ts';
import { tree as treeDefinition } from '../src/compose/tree.command.ts';
import { commit, fakeContext, packages, parse, rootfs } from './fake.ts';

let directory: string;
const at = (name: string): string => join(directory, name);
const json = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));

/** Stages in shell that really make a tree and a commit. The tree has a file that differs each time when `clock` is there. */
const UNPACK = `dir=$(dirname "$0"); cat > $dir/unpack.in
while [ "$1" != --rootfs ]; do shift; done
mkdir -p "$2/usr/bin" "$2/usr/etc"; echo x > "$2/usr/bin/x"; echo y > "$2/usr/etc/y"
[ ! -e $dir/clock ] || date +%s%N > "$2/usr/etc/stamp"
sed "s|@ROOTFS@|$2|" $dir/rootfs.json`;
const COMMIT = `dir=$(dirname "$0"); cat > $dir/commit.in; echo "$*" >> $dir/commit.args
tree=$(jq -r .rootfs $dir/commit.in)
while [ $# -gt 0 ]; do [ "$1" != --repo ] || repo=$2; shift; done
ostree --repo=$repo init --mode=bare-user-only
sum=$(ostree --repo=$repo commit --orphan --canonical-permissions --timestamp=@1 --tree=dir=$tree)
content=$(ostree --repo=$repo show $sum | sed -n 's/^ContentChecksum: *//p')
jq --arg c $sum --arg k $content '.commit = $c | .contentChecksum = $k' $dir/commit.json`;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'aot-split-'));
  const script = { ...{ package: 'clock:all', script: 'postinst', args: [], exit: 0, durationMs: 1, calls: [] } };
  const record = [{ ...script, created: ['/etc/stamp'], changed: [], removed: [] }];
  const files: Record<string, string> = {
    'tree.yaml': 'ref: test/ref\npackages: [hello]\nunits: [a.service]\n',
    'resolve.json': JSON.stringify({ ...packages, treefile: { ref: 'test/ref', units: ['a.service'] } }),
    'rootfs.json': JSON.stringify({ ...rootfs('@ROOTFS@'), cachedir: at('cache'), scripts: record }),
    'commit.json': JSON.stringify(commit),
    'resolve.sh': 'cat $(dirname "$0")/resolve.json',
    'fetch.sh': `jq '.kind = "aot.archives/v1" | .archives = []'`,
    'unpack.sh': UNPACK,
    'sandbox.sh': 'dir=$(dirname "$0"); tee $dir/sandbox.in',
    'commit.sh': COMMIT,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), `${text}\n`);
});

async function perform(definition: CommandDefinition, ...words: string[]) {
  const names = ['resolve', 'fetch', 'unpack', 'sandbox', 'commit'];
  const stages = names.flatMap((name) => ['--stage', `${name}=sh ${at(`${name}.sh`)}`]);
  const fake = fakeContext();
  const work = await definition.work?.();
  const result = await work?.(parse(definition, [...stages, ...words]) as never, fake.context);
  return { ...fake, result };
}

test('install leaves a tree that shares no file with the cache, and its manifest', async () => {
  await perform(installDefinition, '--cachedir', at('cache'), at('tree.yaml'), at('out'));
  expect(readFileSync(at('out/rootfs/usr/bin/x'), 'utf8')).toBe('x\n');
  expect(json('out/rootfs.json')).toMatchObject({ rootfs: at('out/rootfs'), treefile: { units: ['a.service'] } });
  expect(json('unpack.in').treefile).toEqual({ ref: 'test/ref' });
  expect(execFileSync('find', [at('cache/tmp'), '-mindepth', '1'], { encoding: 'utf8' })).toBe('');
});

test('install --postprocess does all at once, and refuses a tree that is there', async () => {
  const words = ['--cachedir', at('cache'), '--postprocess', at('tree.yaml'), at('out')];
  await perform(installDefinition, ...words);
  expect(json('unpack.in').treefile).toEqual({ ref: 'test/ref', units: ['a.service'] });
  await expect(perform(installDefinition, ...words)).rejects.toMatchObject({ exit: 73 });
});

test('postprocess and commit go on from what install left, with the treefile of now', async () => {
  await perform(installDefinition, '--cachedir', at('cache'), at('tree.yaml'), at('out'));
  writeFileSync(at('tree.yaml'), 'ref: test/other\npackages: [hello]\nunits: [b.service]\n');
  await perform(postprocessDefinition, at('out/rootfs'), at('tree.yaml'));
  expect(json('sandbox.in')).toMatchObject({ state: 'configured', treefile: { units: ['b.service'] } });
  const { result } = await perform(commitDefinition, '--repo', at('repo'), at('tree.yaml'), at('out/rootfs'));
  expect(json('commit.in')).toMatchObject({ rootfs: at('out/rootfs'), treefile: { ref: 'test/other' } });
  expect(result).toMatch(/^test\/ref => [0-9a-f]{64}\n$/);
});

test('a tree without a manifest beside it is refused', async () => {
  mkdirSync(at('strange'));
  const words = ['--repo', at('repo'), at('tree.yaml'), at('strange')];
  await expect(perform(commitDefinition, ...words)).rejects.toMatchObject({ exit: 66 });
  for (const treefile of [[], [at('tree.yaml')]])
    await expect(perform(postprocessDefinition, at('strange'), ...treefile)).rejects.toMatchObject({ exit: 66 });
});

test('a tree that is not there is refused, with or without a treefile, also where its manifest was left', async () => {
  await perform(installDefinition, '--cachedir', at('cache'), at('tree.yaml'), at('out'));
  rmSync(at('out/rootfs'), { recursive: true, force: true });
  for (const words of [[at('nowhere')], [at('out/rootfs')], [at('out/rootfs'), at('tree.yaml')]])
    await expect(perform(postprocessDefinition, ...words)).rejects.toMatchObject({
      ...{ exit: 66, message: `cannot use '${words[0]}': it is no directory` },
    });
});

test('rootfs checks the commit out with its configuration in /etc', async () => {
  await perform(rootfsDefinition, '--cachedir', at('cache'), at('tree.yaml'), at('image'));
  expect(readFileSync(at('image/etc/y'), 'utf8')).toBe('y\n');
  expect(existsSync(at('image/usr/etc'))).toBe(false);
  expect(readFileSync(at('commit.args'), 'utf8')).toContain('--no-parent');
});

test('--check-reproducible is content with two equal trees', async () => {
  const { said } = await perform(treeDefinition, '--cachedir', at('cache'), '--check-reproducible', at('tree.yaml'));
  expect(said).toContain('Reproducible: two configured trees are the same.');
  expect(readFileSync(at('commit.args'), 'utf8').split('\n').length).toBe(3);
});

test('--check-reproducible names a path that differs with its author, and commits nothing', async () => {
  writeFileSync(at('clock'), '');
  const words = ['--cachedir', at('cache'), '--repo', at('repo'), '--check-reproducible', at('tree.yaml')];
  await expect(perform(treeDefinition, ...words)).rejects.toThrow(
    'the tree is not reproducible: 1 path differs: /usr/etc/stamp (clock:all postinst)',
  );
  expect(existsSync(at('repo'))).toBe(false);
});
