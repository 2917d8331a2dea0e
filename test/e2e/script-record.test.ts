import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RootfsManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { CACHE, program } from '../lib/checkout.ts';
import { compare } from '../lib/compare.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';
import { snapshot } from '../lib/snapshot.ts';

// The server's configured tree against the same packages unpacked once more: whatever differs, the record says whose it is.
describe('the script record of the server', () => {
  const unpacked = join(scratch('server-unpacked'), 'rootfs');
  let tree: RealTree;
  let scripts: RootfsManifest['scripts'];

  beforeAll(async () => {
    tree = await realTree('docs/examples/server.yaml');
    scripts = tree.configured.scripts;
    await run(program('aot-unpack'), ['--no-configured-cache', '--cachedir', CACHE, '--rootfs', unpacked], {
      input: readFileSync(tree.archivesFile),
    });
  });

  it('lists every postinst, with its arguments, and that it ended well', () => {
    const info = join(tree.rootfs, 'var/lib/dpkg/info');
    const shipped = readdirSync(info)
      .filter((name) => name.endsWith('.postinst'))
      .map((name) => name.slice(0, -'.postinst'.length));
    const ran = scripts.filter((row) => row.script === 'postinst' && row.args[0] === 'configure');
    expect(shipped.length).toBeGreaterThan(40);
    expect(ran.map((row) => nameBelowInfo(row.package, info)).sort()).toEqual(shipped.sort());
  });

  it('lists every preinst that ran: those of the packages that were left to dpkg', () => {
    const info = join(tree.rootfs, 'var/lib/dpkg/info');
    const left = tree.configured.unpacked.filter((item) => item.leftOver).map((item) => item.package);
    const expected = left.filter((id) => existsSync(join(info, `${nameBelowInfo(id, info)}.preinst`)));
    const ran = scripts.filter((row) => row.script === 'preinst').map((row) => row.package);
    expect(expected.length).toBeGreaterThan(3);
    expect(ran.sort()).toEqual(expected.sort());
  });

  it('has times, exit codes and intercepted calls', () => {
    for (const row of scripts) {
      expect(row).toMatchObject({ exit: 0, args: expect.any(Array), calls: expect.any(Array) });
      expect(row.durationMs).toBeGreaterThanOrEqual(0);
    }
    const called = new Set(scripts.flatMap((row) => row.calls.map((call) => call.program)));
    expect([...called]).toEqual(expect.arrayContaining(['systemctl', 'invoke-rc.d']));
  });

  it('has an author for every path that is not as it was unpacked', async () => {
    const differences = compare(await snapshot(tree.rootfs), await snapshot(unpacked));
    const authored = new Set(scripts.flatMap((row) => [...row.created, ...row.changed, ...row.removed]));
    expect(differences.length).toBeGreaterThan(500);
    expect(differences.filter(({ path }) => !authored.has(path))).toEqual([]);
  });
});

/** `libc6:amd64` has its files below info/ under that name, `bash:amd64` under `bash`. */
const nameBelowInfo = (id: string, info: string): string =>
  existsSync(join(info, `${id}.list`)) ? id : (id.split(':')[0] as string);
