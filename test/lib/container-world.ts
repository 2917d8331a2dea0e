import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitManifest } from '@apt-ostree/manifest';
import type { RunResult } from '@apt-ostree/run';
import { type Archive, type ArchivePackage, buildArchive, type Served, serve, tool } from '@apt-ostree/testkit';
import { CACHE, TOP } from './checkout.ts';
import { type Judges, judges, SHARED } from './judges.ts';
import { type RealTree, realTree } from './real-tree.ts';
import { scratch } from './scratch.ts';

const BASE = 'localhost/base';

/** A small image of ours with our programs in it, podman to build from it, and an archive that the test makes. */
export interface ContainerWorld {
  by: Judges;
  base: RealTree;
  archive: Archive;
  server: Served;
  /** The directory that COPY is relative to. */
  context: string;
  /** Builds an image from the base, or from another, and hands back what was printed, whatever the exit code. */
  build(name: string, steps: string, from?: string): Promise<RunResult>;
  /** An image that was built, as a layout. */
  layout(name: string): Promise<string>;
  /** The commit that a layout is to hosts. */
  imported(layout: string, repo: string): Promise<CommitManifest>;
}

/**
 * @param name tells it from the worlds of other tests
 * @param treefile of the base
 */
export async function containerWorld(
  name: string,
  packages: readonly ArchivePackage[],
  treefile = 'test/trees/container.yaml',
): Promise<ContainerWorld> {
  const shared = scratch(name);
  const at = (path: string) => join(shared, path);
  mkdirSync(at('context'));
  const base = await realTree(treefile);
  const by = await judges(shared);
  const archive = await buildArchive({ directory: at('archive'), packages, architectures: ['amd64'] });
  const server = await serve(archive.directory);
  putPrograms(at('context/programs'));
  writeFileSync(at('context/test.sources'), archive.sources(server.url));
  writeFileSync(at('context/apt-ostreed.conf'), '[Daemon]\nRecommends=false\n');
  await ours('aot-ociexport', '--repo', base.repo, '--ref', base.commit.commit, '--output', `oci:${at('base')}:13`);
  const id = (await by.podman('pull', '--quiet', `oci:${SHARED}/base:13`)).stdout.trim();

  async function build(image: string, steps: string, from = BASE): Promise<RunResult> {
    writeFileSync(at('context/Containerfile'), `FROM ${from}\n${steps}\n`);
    const options = ['--isolation=chroot', '--network=host', '--tag', image];
    return by.podman('build', ...options, `${SHARED}/context`).catch((error: Error) => failed(error.message));
  }

  const made = await build(
    BASE,
    'COPY programs /\nCOPY test.sources /etc/apt/sources.list.d/\nCOPY apt-ostreed.conf /etc/',
    id,
  );
  if (made.exitCode !== 0) throw new Error(made.stderr);
  return {
    ...{ by, base, archive, server, context: at('context'), build },
    async layout(image) {
      const directory = `layout-${image}`;
      if (!existsSync(at(directory)))
        await by.podman('save', '--quiet', '--format', 'oci-dir', '--output', `${SHARED}/${directory}`, image);
      return at(directory);
    },
    imported: async (layout, repo) =>
      JSON.parse(await ours('aot-ociimport', `oci:${layout}`, '--repo', repo, '--ref', 'derived')),
  };
}

const failed = (stderr: string): RunResult => ({ exitCode: 1, stdout: '', stderr });

/** As the Debian package has them, so that an image needs no build of one. */
function putPrograms(to: string): void {
  const programs = join(to, 'usr/lib/apt-ostree');
  mkdirSync(join(to, 'usr/bin'), { recursive: true });
  for (const name of readdirSync(join(TOP, 'tools'))) {
    for (const part of ['bin', 'dist'])
      cpSync(join(TOP, 'tools', name, part), join(programs, name, part), { recursive: true });
    symlinkSync(`../lib/apt-ostree/${name}/bin/${name}.js`, join(to, 'usr/bin', name));
  }
  writeFileSync(join(programs, 'package.json'), '{ "type": "module" }\n');
}

async function ours(name: string, ...args: string[]): Promise<string> {
  const cache = name === 'aot-ociexport' ? ['--cachedir', CACHE] : [];
  const { code, stdout, stderr } = await tool(name, ['--quiet', ...args, ...cache], { timeout: 900_000 });
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
  return stdout;
}
