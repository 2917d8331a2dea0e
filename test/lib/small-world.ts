import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, run } from '@apt-ostree/run';
import { buildArchive, type PackageSpec, type Served, serve, tinySystem, toolPath } from '@apt-ostree/testkit';
import { scratch } from './scratch.ts';

/** The ref of every treefile of a small world. */
export const REF = 'test/small';

/** An archive of a few packages with scripts, served over HTTP, and a treefile that composes in seconds. */
export interface SmallWorld {
  directory: string;
  treefile: string;
  cachedir: string;
  repo: string;
  server: Served;
  /** Rewrites the treefile: a commit depends on nothing but the variant. Further lines of shell run with the last script. */
  vary(variant: string, ...postprocess: string[]): void;
  /** The arguments of `compose tree`. */
  argv(places?: Partial<Places>): string[];
  /** Composes undisturbed. */
  compose(places?: Partial<Places>): Promise<RunResult>;
}

export interface Places {
  cachedir: string;
  repo: string;
}

const SCRIPTED: PackageSpec[] = [
  {
    name: 'with-postinst',
    control: { Depends: 'with-trigger' },
    files: { '/usr/share/one': 'one\n'.repeat(1000), '/etc/one.conf': 'setting\n' },
    conffiles: ['/etc/one.conf'],
    scripts: { postinst: 'mkdir -p /var/lib/one; echo configured > /usr/share/one-made; sleep 0.1' },
  },
  {
    name: 'with-trigger',
    files: { '/usr/share/two/file': 'two\n' },
    scripts: { postinst: 'test "$1" != triggered || echo "$2" > /usr/share/two/triggered' },
    triggers: 'interest-noawait /usr/share\n',
  },
  {
    name: 'with-preinst',
    files: { '/usr/share/three': 'three\n' },
    scripts: { preinst: 'echo before > /usr/share/three-before' },
  },
];

/** @param name tells it from the worlds of other tests */
export async function smallWorld(name: string): Promise<SmallWorld> {
  const directory = scratch(name);
  mkdirSync(join(directory, 'archive'));
  const packages = [...(await tinySystem()), ...SCRIPTED];
  const archive = await buildArchive({ directory: join(directory, 'archive'), packages });
  const server = await serve(archive.directory);
  writeFileSync(join(directory, 'small.sources'), archive.sources(server.url));
  const treefile = join(directory, 'small.yaml');
  const own = { cachedir: join(directory, 'cache'), repo: join(directory, 'repo') };
  const argv = (places: Partial<Places> = {}) => {
    const { cachedir, repo } = { ...own, ...places };
    return ['compose', 'tree', '--quiet', '--no-parent', '--repo', repo, '--cachedir', cachedir, treefile];
  };
  const vary = (...lines: string[]) => writeFileSync(treefile, treefileText(lines));
  vary('first');
  return {
    ...{ directory, treefile, server, vary, argv, ...own },
    compose: (places) => run(process.execPath, [toolPath('apt-ostree'), ...argv(places)], { ok: 'any' }),
  };
}

const treefileText = ([variant, ...lines]: string[]): string => `ref: ${REF}
releasever: testkit
repos: [small]
container: true
packages: [with-postinst, with-preinst]
postprocess:
  - |
    echo ${[`${variant} > /usr/share/variant`, 'sleep 0.1', ...lines].join('\n    ')}
`;

/** The commit that the ref names; undefined where it names none. */
export async function commitOf(repo: string): Promise<string | undefined> {
  const { exitCode, stdout } = await run('ostree', ['rev-parse', `--repo=${repo}`, REF], { ok: 'any' });
  return exitCode === 0 ? stdout.trim() : undefined;
}
