import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitManifest, PackagesManifest, RootfsManifest } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { CACHE, program, SCRATCH, TOP } from './checkout.ts';
import { once } from './once.ts';

/** A treefile taken through every stage, with what each stage said, for the tests to look at. */
export interface RealTree {
  lockFile: string;
  /** What aot-fetch said, for those who unpack once more. */
  archivesFile: string;
  packages: PackagesManifest;
  /** The unpacked tree as it was before configuring: a listing, since the tree itself went on. */
  rootfs: string;
  configured: RootfsManifest;
  repo: string;
  commit: CommitManifest;
}

/**
 * Composes a treefile from the real archive, stage by stage, once in a run of the suite: later callers get the same tree.
 * @param treefile path below the checkout
 */
export async function realTree(treefile: string): Promise<RealTree> {
  const name = treefile.replace(/^.*\//, '').replace(/\.yaml$/, '');
  const directory = join(SCRATCH, name);
  const path = (file: string) => join(directory, file);
  await once(directory, async () => {
    // trees of the tests include the examples: the deepest directory that holds both is the checkout
    const root = treefile.startsWith('test/') ? TOP : join(TOP, treefile, '..');
    await stage(['aot-resolve', treefile, '--cachedir', CACHE, '--source-root', root], undefined, path('lock.json'));
    await stage(['aot-fetch', '--cachedir', CACHE, '--source-root', root], path('lock.json'), path('archives.json'));
    await stage(
      ['aot-unpack', '--cachedir', CACHE, '--rootfs', path('rootfs')],
      path('archives.json'),
      path('unpacked.json'),
    );
    await stage(
      ['aot-sandbox', '--cachedir', CACHE, '--source-root', root],
      path('unpacked.json'),
      path('configured.json'),
    );
    await stage(
      ['aot-commit', '--cachedir', CACHE, '--source-root', root, '--strict-var', '--repo', path('repo')],
      path('configured.json'),
      path('commit.json'),
    );
  });
  return {
    lockFile: path('lock.json'),
    archivesFile: path('archives.json'),
    packages: read(path('lock.json')),
    rootfs: path('rootfs'),
    configured: read(path('configured.json')),
    repo: path('repo'),
    commit: read(path('commit.json')),
  };
}

async function stage([tool, ...args]: [string, ...string[]], input: string | undefined, output: string): Promise<void> {
  const { stdout } = await run(program(tool), args, {
    cwd: TOP,
    ...(input === undefined ? {} : { input: readFileSync(input) }),
    what: `cannot run ${tool}`,
  });
  writeFileSync(output, stdout);
}

const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
