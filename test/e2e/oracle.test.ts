import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceDateEpoch } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program, SCRATCH } from '../lib/checkout.ts';
import { type Allowance, compare, judge } from '../lib/compare.ts';
import { databaseOf } from '../lib/dpkg-database.ts';
import { mmdebstrap } from '../lib/mmdebstrap.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { snapshot } from '../lib/snapshot.ts';
import allowed from '../oracle/allowed.json' with { type: 'json' };

// The configured tree must be what real dpkg makes of the same package versions, path by path.
describe.each(['minimal', 'server'] as const)('%s against mmdebstrap', (name) => {
  const reference = join(SCRATCH, `${name}-reference`);
  let tree: RealTree;

  beforeAll(async () => {
    tree = await realTree(`docs/examples/${name}.yaml`);
    const wanted = tree.packages.packages.filter((p) => !p.essential).map((p) => `${p.name}=${p.version}`);
    await mmdebstrap(reference, tree.packages.treefile['releasever'] as string, wanted, sourceDateEpoch(tree.packages));
  });
  afterAll(() => rmSync(reference, { recursive: true, force: true }));

  it('has the same packages in the same versions', () => {
    expect([...databaseOf(tree.rootfs).status.keys()]).toEqual([...databaseOf(reference).status.keys()]);
  });

  it('has the same type, mode, owner, attributes and content at every path', async () => {
    const differences = compare(await snapshot(tree.rootfs, database), await snapshot(reference, database));
    writeFileSync(join(SCRATCH, `${name}-differences.json`), JSON.stringify(differences, null, 1));
    const { unexplained, unused } = judge(differences, [...allowed.everywhere, ...(allowed[name] as Allowance[])]);
    expect(unexplained).toEqual([]);
    expect(unused).toEqual([]);
  });

  it.each(['status', 'diversions', 'statoverride', 'alternatives', 'triggers', 'info'] as const)(
    'has the same dpkg %s, entry by entry',
    (part) => {
      expect(databaseOf(tree.rootfs)[part]).toEqual(databaseOf(reference)[part]);
    },
  );

  // The reference cannot tell: there every package was asked for by name.
  it('marks as automatic what nobody asked for, also when it is essential', () => {
    const automatic = tree.packages.packages.filter((p) => p.automatic).map((p) => `${p.name}:${p.architecture}`);
    const marked = [...databaseOf(tree.rootfs).extendedStates.keys()];
    const known = new Set(tree.packages.packages.filter((p) => p.architecture === 'all').map((p) => p.name));
    expect(marked.map((id) => (known.has(id.split(':')[0] as string) ? `${id.split(':')[0]}:all` : id)).sort()).toEqual(
      automatic.sort(),
    );
  });

  it.each(['--audit', '--verify'])('is clean to dpkg %s', async (check) => {
    const { stdout } = await run(program('aot-sandbox'), ['exec', '--rootfs', tree.rootfs, '--', 'dpkg', check]);
    expect(stdout).toBe('');
  });
});

/** dpkg's database is compared entry by entry instead. */
const database = (path: string): boolean =>
  path.startsWith('/var/lib/dpkg/') || path === '/var/lib/apt/extended_states';
