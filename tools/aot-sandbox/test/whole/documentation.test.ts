import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archivePath, parseManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { type PackageSpec, temporary, tree } from '@apt-ostree/testkit';
import { expect, onTestFinished, test } from 'vitest';
import table from '../../src/edits/documentation.json' with { type: 'json' };
import { lab } from '../lab.ts';

const app: PackageSpec = {
  name: 'app',
  files: {
    '/usr/share/app/data': 'x',
    '/usr/share/doc/app/README': 'read me',
    '/usr/share/doc/app/examples/deep/one': '1',
    '/usr/share/doc/app/copyright': 'mine',
    '/usr/share/doc/linked': { link: 'app' },
    '/usr/share/man/man1/app.1': '.TH',
    '/usr/share/info/app.info': 'i',
  },
};

/** The rows of the table as options of dpkg(1). */
const FILTERS = table.flatMap(({ path, keep }) => [
  `--path-exclude=${path}/*`,
  ...(keep === undefined ? [] : [`--path-include=${path}/*/copyright`]),
]);

test('documentation: false leaves what path-exclude of dpkg leaves: files, lists, hashes and dpkg --verify', async () => {
  const it = await lab([app], { treefile: { documentation: false } });
  const { sha256 } = it.manifest.packages.find((p) => p.name === 'app')!;
  const { stdout } = await it.run();
  expect(parseManifest(stdout, ['aot.rootfs/v1'], 'the tool').scripts.at(-1)).toMatchObject({
    script: 'documentation',
    removed: expect.arrayContaining(['/usr/share/doc/app/README', '/usr/share/man/man1/app.1']),
  });
  const oracle = await installedByDpkg(join(it.manifest.cachedir, archivePath(sha256)));
  expect(filesOfShare(it.rootfs)).toMatchObject(filesOfShare(oracle));
  for (const path of ['doc/app/README', 'man/man1/app.1', 'info/app.info'])
    for (const root of [oracle, it.rootfs]) expect(existsSync(join(root, 'usr/share', path)), path).toBe(false);
  const info = (root: string, name: string) =>
    readFileSync(join(root, 'var/lib/dpkg/info', name), 'utf8')
      .split('\n')
      .sort();
  for (const name of ['app.list', 'app.md5sums']) expect(info(it.rootfs, name)).toEqual(info(oracle, name));
  expect(await verify(it.rootfs)).toEqual(await verify(oracle));
  expect(await verify(it.rootfs)).toHaveLength(4);
});

/** dpkg also leaves directories in which a file might have been included. */
const filesOfShare = (root: string) =>
  Object.fromEntries(Object.entries(tree(join(root, 'usr/share'))).filter(([, what]) => !what.startsWith('dir ')));

async function installedByDpkg(deb: string): Promise<string> {
  const root = temporary(onTestFinished);
  for (const name of ['info', 'updates', 'triggers']) mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true });
  for (const name of ['status', 'available']) writeFileSync(join(root, 'var/lib/dpkg', name), '');
  await run('dpkg', [`--root=${root}`, '--log=/dev/null', '--force-depends', ...FILTERS, '--install', deb]);
  return root;
}

/** What dpkg says about files; it has left the directories. */
async function verify(root: string): Promise<string[]> {
  const { stdout } = await run('dpkg', [`--root=${root}`, '--verify', 'app'], { ok: 'any' });
  return stdout.split('\n').filter((line) => Object.keys(app.files ?? {}).some((path) => line.endsWith(` ${path}`)));
}
