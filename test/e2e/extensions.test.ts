import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import type { ArchivePackage } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { ComposeLab } from '../lib/compose-lab.ts';

const APP: ArchivePackage = { name: 'app', version: '1:2.0-1' };
const ARCHIVE: ArchivePackage[] = [
  { ...APP, version: '1:3.0-1' },
  { name: 'plugin', control: { Depends: 'app, plugin-data' } },
  { name: 'plugin-data' },
  { name: 'app-headers', version: '1:2.0-1', control: { Depends: 'build-tool' } },
  { name: 'app-headers', version: '1:3.0-1', control: { Depends: 'build-tool' } },
  { name: 'build-tool' },
  { name: 'needs-newer', control: { Depends: 'app (>= 1:3)' } },
];

let lab: ComposeLab;
let treefile: string;
const at = (name: string): string => join(lab.directory, name);

beforeAll(async () => {
  lab = await ComposeLab.open();
  await lab.archive('vendor', { packages: [APP] });
  const keys = { ref: 'extended', repos: ['base', 'vendor'], packages: ['app'] };
  const { code, stderr } = await lab.compose(lab.treefile(keys));
  expect(code, stderr).toBe(0);
  await lab.archive('vendor', { packages: ARCHIVE });
  await lab.archive('more', { packages: [{ name: 'tool', version: '7' }] });
  treefile = lab.treefile(keys);
});

async function extend(extensions: unknown, ...args: string[]) {
  writeFileSync(at('extensions.yaml'), JSON.stringify(extensions));
  const places = ['--output-dir', at('out'), '--repo', lab.repo];
  return lab.tool('apt-ostree', ['compose', 'extensions', ...places, ...args, treefile, at('extensions.yaml')]);
}

const debs = (): string[] => readdirSync(at('out')).filter((name) => name.endsWith('.deb'));
const written = () => JSON.parse(readFileSync(at('out/extensions.json'), 'utf8'));

const PLUGIN = { extensions: { plugin: { packages: ['plugin'] } } };

describe('packages on a base', () => {
  test('come with what they need and the base has not', async () => {
    const { code, stderr } = await extend(PLUGIN, '--touch-if-changed', at('touched'));
    expect(code, stderr).toBe(0);
    expect(debs()).toEqual(['plugin-data_1.0-1_all.deb', 'plugin_1.0-1_all.deb']);
    expect(written().extensions).toEqual({ plugin: { kind: 'os-extension', packages: ['plugin'] } });
    for (const { file, sha256: digest, size } of written().packages) {
      const bytes = readFileSync(at(`out/${file}`));
      expect([sha256(bytes), bytes.length]).toEqual([digest, size]);
    }
    expect(existsSync(at('touched'))).toBe(true);
  });

  test('are left alone when nothing has changed, and come again when one is lost', async () => {
    const [before, state] = [statSync(at('out/plugin_1.0-1_all.deb')).ino, written()['state-checksum']];
    rmSync(at('touched'));
    const again = await extend(PLUGIN, '--touch-if-changed', at('touched'));
    expect([again.code, again.stdout]).toEqual([0, 'No apparent changes since the previous extensions.\n']);
    expect([statSync(at('out/plugin_1.0-1_all.deb')).ino, existsSync(at('touched'))]).toEqual([before, false]);
    rmSync(at('out/plugin-data_1.0-1_all.deb'));
    expect((await extend(PLUGIN)).stdout).toContain('Wrote: 2 packages of 1 extensions');
    expect([debs().length, written()['state-checksum']]).toEqual([2, state]);
  });

  test('may not change the base', async () => {
    const { code, stderr } = await extend({ extensions: { newer: { packages: ['needs-newer'] } } });
    expect([code, stderr]).toEqual([1, expect.stringContaining("'app' 1:2.0-1 would be upgraded to 1:3.0-1")]);
    expect(debs()).toHaveLength(2);
  });

  test('of a tree instead of a commit', async () => {
    await run('ostree', ['checkout', `--repo=${lab.repo}`, '-U', 'extended', at('rootfs')]);
    const { code, stdout } = await extend(PLUGIN, '--rootfs', at('rootfs'));
    expect([code, stdout]).toEqual([0, 'No apparent changes since the previous extensions.\n']);
  });
});

test('packages for development come alone, of the version of the base; what is no longer offered goes', async () => {
  const headers = { kind: 'development', packages: ['app-headers'], 'match-base-evr': 'app' };
  const { code, stderr } = await extend({ extensions: { headers } }, '--base-rev', 'extended');
  expect(code, stderr).toBe(0);
  expect(debs()).toEqual(['app-headers_1%3a2.0-1_all.deb']);
});

test('further sources, and extensions for other architectures', async () => {
  const tool = { packages: ['tool'], repos: ['more'] };
  const other = { packages: ['no-such-package'], architectures: ['s390x'] };
  const { code, stderr } = await extend({ extensions: { tool, other } });
  expect(code, stderr).toBe(0);
  expect(debs()).toEqual(['tool_7_all.deb']);
  expect(Object.keys(written().extensions)).toEqual(['tool']);
});

test.each([
  [{ extensions: { a: { package: ['plugin'] } } }, "the key 'package' is not known"],
  [{ extensions: { a: { packages: [] } } }, "'a' has no packages"],
  [{ extensions: { a: { packages: ['-x'] } } }, "'-x' is no package"],
  [
    { extensions: { a: { packages: ['plugin'], kind: 'os' } } },
    "'kind' of 'a' is neither os-extension nor development",
  ],
  [{ extensions: { a: { packages: ['plugin'], architectures: ['vax'] } } }, "'vax' is no architecture"],
  [{ extensions: { a: { packages: ['plugin'], repos: ['nowhere'] } } }, "there is no 'nowhere.sources' beside it"],
  [{ extensions: { a: { packages: ['plugin'], 'match-base-evr': 'gone' } } }, 'the base has no such package'],
  [{ extensions: { a: { packages: ['no-such-package'] } } }, "'no-such-package'"],
  [{ extensions: [] }, "'extensions' is no map"],
])('what is wrong in the file is said: %j', async (document, text) => {
  const { code, stdout, stderr } = await extend(document);
  expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining(text)]);
});
