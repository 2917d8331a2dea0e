import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, type Option, Progress, parseArguments } from '@apt-ostree/cli';
import type { ArchivesManifest, CommitManifest, PackagesManifest, RootfsManifest } from '@apt-ostree/manifest';

/** A context that keeps what it is told. */
export function fakeContext() {
  const said: string[] = [];
  const out: string[] = [];
  const context: Context = {
    path: ['apt-ostree'],
    rest: [],
    quiet: false,
    signal: new AbortController().signal,
    progress: new Progress('apt-ostree', []),
    readManifest: () => Promise.reject(new Error('not here')),
    lines: async function* () {},
    write: (text) => void out.push(text),
    note: (text) => void said.push(text),
    warn: (text) => void said.push(`warning: ${text}`),
  };
  return { context, said, out };
}

/** The arguments of a command as the shell of a tool parses them. */
export const parse = <T>(definition: { args?: Record<string, Option> }, argv: string[]): T =>
  parseArguments(argv, definition.args ?? {}).args as T;

const HASH = 'a'.repeat(64);

export const packages: PackagesManifest = {
  kind: 'aot.packages/v1',
  treefile: { ref: 'test/ref' },
  inputs: [],
  architecture: 'amd64',
  foreignArchitectures: [],
  apt: { version: '3.0.3' },
  indices: [],
  packages: [
    {
      name: 'hello',
      version: '1.0-1',
      architecture: 'amd64',
      source: { id: 's', suite: 'trixie', component: 'main', index: HASH },
      path: 'pool/h/hello.deb',
      size: 1,
      sha256: HASH,
      sourcePackage: 'hello',
      sourceVersion: '1.0-1',
      installedSize: 1,
      automatic: false,
      essential: false,
    },
  ],
  plan: [],
  essential: [],
};

export const archives: ArchivesManifest = { ...packages, kind: 'aot.archives/v1', archives: [] };

export const rootfs = (path: string): RootfsManifest => ({
  ...packages,
  kind: 'aot.rootfs/v1',
  rootfs: path,
  cachedir: '/nonexistent',
  state: 'configured',
  unpacked: [],
  scripts: [],
});

export const commit: CommitManifest = {
  kind: 'aot.commit/v1',
  treefile: packages.treefile,
  architecture: 'amd64',
  repo: 'repo',
  ref: 'test/ref',
  commit: 'c'.repeat(64),
  contentChecksum: 'd'.repeat(64),
  parent: null,
  version: '7',
  timestamp: 1_700_000_000,
  inputHash: HASH,
  unchanged: false,
  packages: [
    { name: 'hello', version: '1.0-1', architecture: 'amd64', sourcePackage: 'hello', sourceVersion: '1.0-1' },
  ],
  stats: null,
};

/** `--stage` words that put programs of two lines in the place of every stage: each prints a manifest and notes that it ran. */
export function fakeStages(directory: string, manifests: Record<string, unknown>): string[] {
  return Object.entries(manifests).flatMap(([stage, manifest]) => {
    const file = join(directory, `${stage}.json`);
    writeFileSync(file, JSON.stringify(manifest));
    const script = join(directory, `${stage}.sh`);
    const input = stage === 'resolve' ? '' : `cat > ${directory}/${stage}.in`;
    writeFileSync(script, `${input}\necho "${stage} $*" >> ${directory}/ran\ncat ${file}\n`);
    return ['--stage', `${stage}=sh ${script}`];
  });
}
