import { createHash } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type LoadedTreefile, loadTreefile, verifyInputs } from '../src/index.ts';
import { type Files, withFiles } from './fixture.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

const files: Files = {
  'os/tree.yaml':
    'include: ../common/base.yaml\npostprocess-script: end.sh\nrepos: [debian]\nstages: {fetch: ./get.sh}\ncheck-groups: {type: file, filename: group}',
  'os/end.sh': 'end',
  'os/get.sh': 'get',
  'os/group': 'root:x:0:',
  'os/debian.sources': 'Types: deb\nSigned-By: keys/debian.asc\n',
  'os/keys/debian.asc': 'key',
  'common/base.yaml': 'add-files: [[motd, /etc/motd]]\npostprocess-script: other.sh\nlockfile-repos: [old]',
  'common/motd': 'hello',
  'common/other.sh': 'not used, as the child has one',
  'common/old.list': 'deb [arch=amd64 signed-by=old.gpg] http://archive.example/ x main\n',
  'common/old.gpg': 'old key',
};

const loaded = <T>(work: (result: LoadedTreefile, directory: string) => T | Promise<T>): Promise<T> =>
  withFiles(files, async (directory) =>
    work(await loadTreefile(join(directory, 'os/tree.yaml'), { architecture: 'amd64' }), directory),
  );

test('files are found beside the treefile that names them, and named below one root', () =>
  loaded(({ treefile, inputs, sourceRoot }, directory) => {
    expect(sourceRoot).toBe(directory);
    expect(treefile).toEqual({
      basearch: 'amd64',
      repos: ['os/debian.sources'],
      'lockfile-repos': ['common/old.list'],
      'check-groups': { type: 'file', filename: 'os/group' },
      'postprocess-script': 'os/end.sh',
      'add-files': [['common/motd', '/etc/motd']],
      stages: { fetch: ['./os/get.sh'] },
    });
    const file = (path: string, text: string, use: string, executable = false) => ({
      path,
      sha256: digest(text),
      executable,
      use,
    });
    expect(inputs).toEqual([
      file('common/motd', 'hello', 'tree'),
      file('common/old.gpg', 'old key', 'archive'),
      file('common/old.list', files['common/old.list']!, 'archive'),
      file('os/debian.sources', files['os/debian.sources']!, 'archive'),
      file('os/end.sh', 'end', 'tree', true),
      file('os/get.sh', 'get', 'tree', true),
      file('os/group', 'root:x:0:', 'tree'),
      file('os/keys/debian.asc', 'key', 'archive'),
    ]);
  }));

test('without files from elsewhere, the root is the directory of the treefile', () =>
  withFiles({ 'a/b/tree.yaml': 'include: ../base.yaml', 'a/base.yaml': 'ref: x' }, async (directory) => {
    const { sourceRoot } = await loadTreefile(join(directory, 'a/b/tree.yaml'), { architecture: 'amd64' });
    expect(sourceRoot).toBe(join(directory, 'a/b'));
  }));

test('includes may be absolute', () =>
  withFiles({ 'base.yaml': 'ref: x' }, async (directory) => {
    writeFileSync(join(directory, 'tree.yaml'), `include: ${directory}/base.yaml`);
    const { treefile } = await loadTreefile(join(directory, 'tree.yaml'), { architecture: 'amd64' });
    expect(treefile.ref).toBe('x');
  }));

const changes: [string, (directory: string) => void, string][] = [
  ['another content', (d) => writeFileSync(join(d, 'common/motd'), 'bye'), "cannot use 'common/motd'"],
  ['another mode', (d) => chmodSync(join(d, 'os/end.sh'), 0o644), "cannot use 'os/end.sh'"],
  ['gone', (d) => rmSync(join(d, 'os/group')), "cannot use 'os/group'"],
];

test.each(changes)('a file that changed is bad data: %s', (_, change, message) =>
  loaded(({ inputs, sourceRoot }, directory) => {
    verifyInputs(inputs, sourceRoot);
    change(directory);
    expect(() => verifyInputs(inputs, sourceRoot)).toThrow(
      expect.objectContaining({ exit: 65, code: 'changed-input', message: expect.stringContaining(message) }),
    );
  }),
);

test('a key outside of the directory is refused', () =>
  withFiles({ 'tree.yaml': 'repos: [x]', 'x.sources': 'Signed-By: ../key.asc' }, async (directory) => {
    await expect(loadTreefile(join(directory, 'tree.yaml'), { architecture: 'amd64' })).rejects.toMatchObject({
      exit: 78,
    });
  }));
