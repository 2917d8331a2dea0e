import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommitManifest, sourceDateEpoch } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { serve } from '@apt-ostree/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { CACHE, program, TOP } from '../lib/checkout.ts';
import { checkReproducible } from '../lib/deployed.ts';
import { sources as oneLineSources } from '../lib/mmdebstrap.ts';
import { type RealTree, realTree } from '../lib/real-tree.ts';
import { scratch } from '../lib/scratch.ts';
import { commitOfUser } from '../lib/user.ts';

const directory = scratch('reproducible');

// The same lock, treefile, parent and clock give the same commit, whatever else differs.
describe('a commit depends on nothing but its inputs', () => {
  let tree: RealTree;
  beforeAll(async () => {
    tree = await realTree('docs/examples/minimal.yaml');
  });

  it('time zone, locale, umask, host name, directory, mirror and empty caches change nothing', async () => {
    const mirror = await mirrorOf(tree);
    const there = join(directory, 'elsewhere');
    mkdirSync(there);
    const odd = `umask 077; hostname other-machine; ${OTHER_SOURCES}; exec "$@"`;
    const prefix = ['unshare', '--mount', '--uts', 'bash', '-c', odd, mirror.sources];
    const env = { TZ: 'Pacific/Auckland', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', COLUMNS: '40' };
    await run(prefix[0] as string, [...prefix.slice(1), ...compose(tree, there)], { cwd: there, env });
    expect(await commitOf(tree, join(there, 'repo'))).toBe(tree.commit.commit);
    expect(mirror.requests()).toBeGreaterThan(60);
    await mirror.close();
  });

  it('an ordinary user makes the same commit as root', async () => {
    expect(await commitOfUser(tree, 'minimal')).toBe(tree.commit.commit);
  });

  it('with another SOURCE_DATE_EPOCH only what carries the date differs', async () => {
    const there = join(directory, 'later');
    mkdirSync(there);
    const later = String(sourceDateEpoch(tree.packages) + 40 * 86_400);
    const args = compose(tree, there);
    await run(args[0] as string, args.slice(1), { cwd: there, env: { SOURCE_DATE_EPOCH: later } });
    const commit = await commitOf(tree, join(there, 'repo'));
    expect(commit).not.toBe(tree.commit.commit);
    await run('ostree', ['pull-local', '--repo', join(there, 'repo'), tree.repo, tree.commit.commit]);
    const diff = await run('ostree', ['diff', '--repo', join(there, 'repo'), tree.commit.commit, commit]);
    expect(diff.stdout.trim().split('\n').filter(Boolean)).toEqual(DATED);
  });
});

it.each(['minimal', 'server'])('the example %s passes --check-reproducible', checkReproducible);

/** Paths of the minimal tree that say when it was made. */
const DATED: string[] = [];

const compose = (tree: RealTree, directory: string): string[] => [
  ...[program('apt-ostree'), 'compose', 'tree', '--repo', join(directory, 'repo')],
  ...['--cachedir', join(directory, 'cache'), '--strict-var', '--lockfile', tree.lockFile],
  join(TOP, 'docs/examples/minimal.yaml'),
];

async function commitOf(tree: RealTree, repo: string): Promise<string> {
  const { stdout } = await run('ostree', ['rev-parse', '--repo', repo, (tree.commit as CommitManifest).ref as string]);
  return stdout.trim();
}

/** Hides the machine's sources in both forms. */
const OTHER_SOURCES =
  'mount --bind "$0" /etc/apt/sources.list.d; [ ! -e /etc/apt/sources.list ] || mount --bind /dev/null /etc/apt/sources.list';

/** The pools of the tree's archives on a server of ours, and an apt configuration that names it. */
async function mirrorOf(tree: RealTree) {
  const pool = join(directory, 'mirror');
  for (const p of tree.packages.packages) {
    const file = join(pool, p.source.id, p.path);
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(join(CACHE, 'archives', p.sha256.slice(0, 2), `${p.sha256}.deb`), file);
  }
  const server = await serve(pool);
  const sources = join(directory, 'sources.list.d');
  mkdirSync(sources);
  // The paths of the archives stay: they name what is in the manifest.
  writeFileSync(join(sources, 'mirror.list'), `${oneLineSources().replace(/ \w+:\/\/[^/\s]+/g, ` ${server.url}`)}\n`);
  return { sources, requests: () => server.log.length, close: () => server.close() };
}
