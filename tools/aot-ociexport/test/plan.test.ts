import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommit } from '@apt-ostree/ostree';
import { temporary } from '@apt-ostree/testkit';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { encapsulatedLayers } from '../src/encapsulate.ts';
import { groupSources } from '../src/groups.ts';
import { readOwnership } from '../src/ownership.ts';
import { kernelsOf, plainLayers } from '../src/plan.ts';
import { layerKey, type PlannedLayer } from '../src/planned.ts';
import { imageTree } from '../src/tree.ts';
import { smallCommit } from './small-commit.ts';

const { repo, commit } = smallCommit(temporary(afterAll));
const ownership = readOwnership(repo, commit);
const tree = imageTree(repo, commit);
const kernels = kernelsOf(tree, ownership);
const planning = { repo, tree, ownership, grouping: groupSources(ownership.sources, { maxLayers: 64, kernels }) };
const plain = plainLayers(planning);

const pathsOf = (layer: PlannedLayer): string[] => layer.entries.flatMap((e) => ('path' in e ? [e.path] : []));
/** The layers that have a path as more than a directory on the way. */
const layersWith = (path: string): PlannedLayer[] =>
  plain.filter((l) => l.entries.some((e) => e.kind === 'object' && e.path === path));
const groupOf = (path: string): string | undefined => layersWith(path)[0]?.id;

describe('who owns what', () => {
  test('sources, versions and sizes come from the status of dpkg', () => {
    expect(ownership.architecture).toBe('amd64');
    expect(ownership.sources).toEqual([
      { name: 'dpkg', version: '1.22.21', installedSize: 100, binaries: ['dpkg'] },
      { name: 'other', version: '3-1', installedSize: 10, binaries: ['other'] },
      { name: 'x', version: '1:2.0-1', installedSize: 9010, binaries: ['libx1:amd64', 'python3-x'] },
    ]);
    expect(ownership.packages.map((p) => [p.name, p.version, p.sourcePackage, p.sourceVersion])).toContainEqual([
      ...['libx1', '1:2.0-1+b1', 'x', '1:2.0-1'],
    ]);
  });

  test.each([
    ['usr/bin/dpkg', 'dpkg'],
    ['etc/dpkg/cfg', 'dpkg'],
    ['usr/lib/libx.so', 'x'],
    ['usr/lib/tool', 'other'],
    ['usr/lib/tool.real', 'x'],
    ['usr/lib/python3/__pycache__/x.cpython-313.pyc', 'x'],
    ['usr/lib/modules/6.12/modules.dep', undefined],
  ])('%s is of %s', (path, owner) => {
    expect(ownership.owner(path)).toBe(owner);
  });

  test('a tree without a database has no layers', () => {
    const top = temporary(onTestFinished);
    const [empty, bare] = [join(top, 'tree'), join(top, 'repo')];
    mkdirSync(empty);
    execFileSync('ostree', ['init', `--repo=${bare}`, '--mode=archive']);
    const made = execFileSync('ostree', ['commit', `--repo=${bare}`, `--tree=dir=${empty}`, '--orphan']);
    expect(() => readOwnership(bare, made.toString().trim())).toThrow('it has no dpkg database');
  });
});

describe('layers of a root file system', () => {
  test('every path is in one layer, and every directory is somewhere', () => {
    for (const entry of tree.entries) {
      if (entry.type === 'file') expect(layersWith(entry.path), entry.path).toHaveLength(1);
      else
        expect(
          plain.some((l) => pathsOf(l).includes(entry.path)),
          entry.path,
        ).toBe(true);
    }
  });

  test('what leads to an entry comes before it, in the same layer', () => {
    for (const layer of plain) {
      const paths = pathsOf(layer);
      expect(new Set(paths).size).toBe(paths.length);
      for (const [at, path] of paths.entries()) {
        if (path === '') continue;
        const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
        expect(paths.slice(0, at), `${layer.id}: ${path}`).toContain(parent);
      }
    }
  });

  test('the big package, the database, the initramfs and the rest are apart', () => {
    expect(groupOf('usr/lib/libx.so')).toBe('package-x');
    expect(groupOf('usr/lib/sysimage/dpkg/status')).toBe('package-database');
    expect(groupOf('usr/lib/modules/6.12/initramfs.img')).toBe('initramfs');
    expect(groupOf('usr/lib/modules/6.12/modules.dep')).toBe('unpackaged');
    expect(groupOf('lib')).toBe('unpackaged');
    expect(groupOf('usr/bin/dpkg')).toMatch(/^packages-\d{3}$/);
  });

  test('the configuration is in /etc', () => {
    const all = plain.flatMap(pathsOf);
    expect(all).toContain('etc/dpkg/cfg');
    expect(all.filter((path) => path.startsWith('usr/etc'))).toEqual([]);
  });

  test('equal files of one layer are one file, but not those of /etc', () => {
    const single = plainLayers({ ...planning, grouping: { ...planning.grouping, of: () => 'package-x' } });
    const entries = new Map(
      single.flatMap((l) => l.entries.flatMap((e) => (e.kind === 'object' ? [[e.path, e]] : []))),
    );
    expect(entries.get('usr/bin/same')).toMatchObject({ same: 'usr/bin/dpkg' });
    expect(entries.get('etc/other')).not.toHaveProperty('same');
    expect(entries.get('usr/bin/also')).not.toHaveProperty('same'); // of no package, so in another layer
  });

  test('a commit with both /etc and /usr/etc is refused', () => {
    const top = temporary(onTestFinished);
    const small = smallCommit(top);
    mkdirSync(join(top, 'tree/etc'));
    const again = () => {
      const args = ['commit', `--repo=${small.repo}`, `--tree=dir=${join(top, 'tree')}`, '--orphan'];
      return execFileSync('ostree', args, { encoding: 'utf8' }).trim();
    };
    expect(imageTree(small.repo, again()).object('etc/dpkg/cfg')).toBeDefined(); // an empty one is a mount point
    writeFileSync(join(top, 'tree/etc/x'), 'x');
    expect(() => imageTree(small.repo, again())).toThrow("it has both '/etc' and '/usr/etc'");
  });
});

describe('layers with the repository', () => {
  const [metadata, ...chunks] = encapsulatedLayers(planning, readCommit(repo, commit)) as [
    PlannedLayer,
    ...PlannedLayer[],
  ];

  test('the first has all metadata and no file object', () => {
    const kinds = metadata.entries.flatMap((e) => (e.kind === 'metadata' ? [`${e.object}.${e.type}`] : []));
    expect(kinds[0]).toBe(`${commit}.commit`);
    expect(new Set(kinds).size).toBe(kinds.length);
    const directories = tree.entries.flatMap((e) =>
      e.type === 'directory' ? [`${e.tree}.dirtree`, `${e.meta}.dirmeta`] : [],
    );
    expect(new Set(kinds.slice(1))).toEqual(new Set(directories));
    expect(metadata.entries.some((e) => e.kind === 'store')).toBe(false);
  });

  test('every object is stored once, before all its names', () => {
    const stored = chunks.flatMap((l) => l.entries.flatMap((e) => (e.kind === 'store' ? [e.object] : [])));
    const objects = tree.entries.flatMap((e) => (e.type === 'file' ? [e.object] : []));
    expect(stored.sort()).toEqual([...new Set(objects)].sort());
    for (const { entries } of chunks)
      for (const [at, e] of entries.entries())
        if (e.kind === 'name')
          expect(entries.findIndex((s) => s.kind === 'store' && s.object === e.object)).toBeLessThan(at);
    const names = chunks.flatMap((l) => l.entries.flatMap((e) => (e.kind === 'name' ? [e.path] : [])));
    expect(names.sort()).toEqual(tree.entries.flatMap((e) => (e.type === 'file' ? [e.path] : [])).sort());
  });

  test('each has the skeleton of a repository', () => {
    for (const layer of [metadata, ...chunks]) {
      const paths = pathsOf(layer);
      expect(paths.filter((p) => /^sysroot\/ostree\/repo\/objects\/..$/.test(p))).toHaveLength(256);
      expect(paths).toContain('sysroot/ostree/repo/config');
    }
  });
});

test('the name of a layer in the cache is that of its content and its compressor', () => {
  const [one, other] = plain as [PlannedLayer, PlannedLayer];
  const again = plainLayers(planning)[0] as PlannedLayer;
  expect(layerKey(again, 'gzip-6')).toBe(layerKey(one, 'gzip-6'));
  expect(layerKey({ ...one, title: 'another', id: 'another' }, 'gzip-6')).toBe(layerKey(one, 'gzip-6'));
  expect(layerKey(one, 'gzip-9')).not.toBe(layerKey(one, 'gzip-6'));
  expect(layerKey(other, 'gzip-6')).not.toBe(layerKey(one, 'gzip-6'));
});
