import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchivesManifest, type RootfsManifest, sourceDateEpoch } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { beforeAll, describe, expect, it } from 'vitest';
import allowed from '../oracle/allowed.json' with { type: 'json' };
import { CACHE, program, SCRATCH, TOP } from './checkout.ts';
import { type Allowance, compare, judge } from './compare.ts';
import { databaseOf } from './dpkg-database.ts';
import { mmdebstrap } from './mmdebstrap.ts';
import { scratch } from './scratch.ts';
import { snapshot, withLines } from './snapshot.ts';
import { sweepAfter } from './sweep.ts';

type Example = 'minimal' | 'server' | 'desktop';

/** The configured tree of an example must be what real dpkg makes of the same package versions, path by path. */
export function describeOracle(name: Example): void {
  describe(`${name} against mmdebstrap`, () => {
    const directory = scratch(`oracle-${name}`);
    const reference = join(directory, 'reference');
    const rootfs = join(directory, 'rootfs');
    let tree: RootfsManifest;

    beforeAll(async () => {
      tree = await configure(name, rootfs);
      const wanted = tree.packages.filter((p) => !p.essential).map((p) => `${p.name}=${p.version}`);
      await mmdebstrap(reference, tree.treefile['releasever'] as string, wanted, sourceDateEpoch(tree));
    });
    sweepAfter(() => [directory]);

    it('has the same packages in the same versions', () => {
      expect([...databaseOf(rootfs).status.keys()]).toEqual([...databaseOf(reference).status.keys()]);
    });

    it('has the same type, mode, owner, attributes and content at every path', async () => {
      const differences = compare(await entriesOf(rootfs), await entriesOf(reference));
      writeFileSync(join(SCRATCH, `${name}-differences.json`), JSON.stringify(differences, null, 1));
      const { unexplained, unused } = judge(differences, allowances(name, rootfs));
      expect(unexplained).toEqual([]);
      expect(unused).toEqual([]);
    });

    it.each(['status', 'diversions', 'statoverride', 'alternatives', 'triggers', 'info'] as const)(
      'has the same dpkg %s, entry by entry',
      (part) => {
        expect(databaseOf(rootfs)[part]).toEqual(databaseOf(reference)[part]);
      },
    );

    // The reference cannot tell: there every package was asked for by name. apt marks by the native architecture.
    it('marks as automatic what nobody asked for, also when it is essential', () => {
      const automatic = tree.packages.filter((p) => p.automatic).map((p) => p.name);
      const marked = [...databaseOf(rootfs).extendedStates.keys()].map((id) => id.split(':')[0]);
      expect(marked.sort()).toEqual(automatic.sort());
    });

    it.each(['--audit', '--verify'])('is clean to dpkg %s', async (check) => {
      const { stdout } = await run(program('aot-sandbox'), ['exec', '--rootfs', rootfs, '--', 'dpkg', check]);
      expect(stdout).toBe('');
    });
  });
}

/** The reviewed rows for an example; `${kver}` in a path is the version of its one kernel. */
function allowances(name: Example, rootfs: string): Allowance[] {
  const modules = join(rootfs, 'usr/lib/modules');
  const kver = existsSync(modules) ? (readdirSync(modules)[0] as string) : '';
  const rows = [...allowed.everywhere, ...allowed[name]] as Allowance[];
  return rows.map((row) => ({ ...row, path: row.path.replace('${kver}', kver) }));
}

/** Tables whose lines are in the order in which accounts were made, with their backups. */
const ACCOUNTS = ['passwd', 'group', 'shadow', 'gshadow'].flatMap((name) => [`/etc/${name}`, `/etc/${name}-`]);

const entriesOf = async (root: string) => withLines(root, await snapshot(root, database), ACCOUNTS);

/** dpkg's database is compared entry by entry instead. */
const database = (path: string): boolean =>
  path.startsWith('/var/lib/dpkg/') || path === '/var/lib/apt/extended_states';

/** What of a treefile decides packages and their configuration; the rest is the example's own, and no business of dpkg's. */
const OF_PACKAGES = [
  'ref',
  'releasever',
  'recommends',
  'debconf',
  'documentation',
  'install-langs',
  'container',
  'packages',
];

/** Takes an example to the configured tree, with packages alone. */
async function configure(name: Example, rootfs: string): Promise<RootfsManifest> {
  const lock = await stage('aot-resolve', [join(TOP, `docs/examples/${name}.yaml`)]);
  const archives = JSON.parse(await stage('aot-fetch', [], lock)) as ArchivesManifest;
  archives.treefile = Object.fromEntries(
    Object.entries(archives.treefile).filter(([key]) => OF_PACKAGES.includes(key)),
  );
  const unpacked = await stage('aot-unpack', ['--rootfs', rootfs], JSON.stringify(archives));
  return JSON.parse(await stage('aot-sandbox', [], unpacked)) as RootfsManifest;
}

async function stage(tool: string, args: string[], input?: string): Promise<string> {
  const result = await run(
    program(tool),
    [...args, '--cachedir', CACHE, '--quiet'],
    input === undefined ? {} : { input },
  );
  return result.stdout;
}
