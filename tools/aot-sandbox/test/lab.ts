import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { archivePath, type RootfsManifest, type UnpackedItem } from '@apt-ostree/manifest';
import { run } from '@apt-ostree/run';
import { buildDeb, type PackageSpec, type ToolOptions, temporary, tinySystem, tool } from '@apt-ostree/testkit';
import { onTestFinished } from 'vitest';

/** Unpacked once per process: a tree with the tiny system alone. */
let base: Promise<Lab> | undefined;

/** A tree as aot-unpack leaves it, of the tiny system and packages of the test's own, and its manifest. */
export async function lab(
  packages: readonly PackageSpec[],
  options: { leftOver?: string[]; treefile?: object } = {},
): Promise<Lab> {
  base ??= make(await tinySystem(), temporary(), {});
  const { directory: from } = await base;
  const directory = temporary(onTestFinished);
  await run('cp', ['-a', '--', `${from}/root`, `${from}/cache`, directory]);
  return make(packages, directory, { ...options, before: (await base).manifest });
}

interface MakeOptions {
  leftOver?: string[];
  treefile?: object;
  before?: RootfsManifest;
}

async function make(packages: readonly PackageSpec[], directory: string, options: MakeOptions): Promise<Lab> {
  const rootfs = join(directory, 'root');
  const cachedir = join(directory, 'cache');
  mkdirSync(rootfs, { recursive: true });
  const items: Unpacked[] = [];
  for (const spec of packages) items.push(await unpack(spec, rootfs, cachedir, options.leftOver?.includes(spec.name)));
  return new Lab(directory, manifestOf(rootfs, cachedir, items, options));
}

interface Unpacked {
  item: RootfsManifest['packages'][number];
  unpacked: UnpackedItem;
}

/** dpkg's own unpacking, in short: files, conffiles beside their place, info/ and status. */
async function unpack(spec: PackageSpec, rootfs: string, cachedir: string, left = false): Promise<Unpacked> {
  const bytes = await buildDeb(spec);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = archivePath(sha256);
  mkdirSync(dirname(join(cachedir, file)), { recursive: true });
  writeFileSync(join(cachedir, file), bytes);
  const { name, version = '1.0-1', architecture = 'all' } = spec;
  if (!left) await place(join(cachedir, file), rootfs, spec);
  const source = { id: 'kit', suite: 'stable', component: 'main', index: '0'.repeat(64) };
  const more = { sourcePackage: name, sourceVersion: '1', installedSize: 1, automatic: false, essential: false };
  return {
    item: { name, version, architecture, source, path: `pool/${name}.deb`, size: bytes.length, sha256, ...more },
    unpacked: {
      package: `${name}:${architecture}`,
      commit: sha256,
      leftOver: left,
      ...(left ? { file, preDepends: spec.control?.['Pre-Depends'] ?? '' } : {}),
    },
  };
}

async function place(deb: string, rootfs: string, spec: PackageSpec): Promise<void> {
  await run('dpkg-deb', ['--extract', deb, rootfs]);
  for (const path of spec.conffiles ?? []) renameSync(rootfs + path, `${rootfs + path}.dpkg-new`);
  const database = join(rootfs, 'var/lib/dpkg');
  const control = join(dirname(rootfs), `control-${spec.name}`);
  await run('dpkg-deb', ['--control', deb, control]);
  const { stdout: list } = await run('dpkg-deb', ['--contents', deb]);
  const paths = list
    .trim()
    .split('\n')
    .map((line) => line.replace(/^(?:\S+\s+){5}/, '').replace(/ (?:->|link to) .*/, ''));
  const lines = paths.map((path) =>
    path
      .replace(/^\./, '')
      .replace(/(.)\/$/, '$1')
      .replace(/^\/?$/, '/.'),
  );
  writeFileSync(join(database, `info/${spec.name}.list`), `${lines.join('\n')}\n`);
  for (const member of ['postinst', 'preinst', 'conffiles', 'triggers', 'templates', 'config', 'md5sums']) {
    if (!existsSync(join(control, member))) continue;
    cpSync(join(control, member), join(database, `info/${spec.name}.${member}`));
    chmodSync(join(database, `info/${spec.name}.${member}`), /inst$|config$/.test(member) ? 0o755 : 0o644);
  }
  const conffiles = (spec.conffiles ?? []).map((path) => ` ${path} newconffile\n`).join('');
  const stanza = readFileSync(join(control, 'control'), 'utf8').replace('\n', '\nStatus: install ok unpacked\n');
  const status = join(database, 'status');
  const before = existsSync(status) ? readFileSync(status, 'utf8') : '';
  writeFileSync(status, `${before}${stanza.trimEnd()}\n${conffiles && `Conffiles:\n${conffiles}`}\n`);
  writeFileSync(join(database, 'info/format'), '1\n');
  for (const name of ['diversions', 'statoverride', 'available'])
    writeFileSync(join(database, name), '', { flag: 'a' });
}

function manifestOf(rootfs: string, cachedir: string, items: Unpacked[], options: MakeOptions): RootfsManifest {
  const ids = items.map((i) => i.unpacked.package);
  const { before } = options;
  return {
    kind: 'aot.rootfs/v1',
    treefile: { basearch: 'amd64', ...options.treefile },
    ...{ inputs: [], architecture: 'amd64', foreignArchitectures: [], apt: { version: '3' }, indices: [] },
    packages: [...(before?.packages ?? []), ...items.map((i) => i.item)],
    plan: [
      { action: 'unpack', packages: ids },
      { action: 'configure', packages: ids },
    ],
    essential: before ? (before.unpacked.map((u) => u.package) as string[]) : ids,
    ...{ rootfs, cachedir, state: 'unpacked' },
    unpacked: [...(before?.unpacked ?? []), ...items.map((i) => i.unpacked)],
    scripts: [],
  };
}

export class Lab {
  readonly directory: string;
  manifest: RootfsManifest;

  constructor(directory: string, manifest: RootfsManifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /** A file beside the treefile, that the manifest vouches for. */
  input(path: string, content: string, executable = false): this {
    mkdirSync(dirname(join(this.sourceRoot, path)), { recursive: true });
    writeFileSync(join(this.sourceRoot, path), content, { mode: executable ? 0o755 : 0o644 });
    const sha256 = createHash('sha256').update(content).digest('hex');
    this.manifest.inputs.push({ path, sha256, executable });
    return this;
  }

  get sourceRoot(): string {
    return join(this.directory, 'source');
  }

  get rootfs(): string {
    return this.manifest.rootfs;
  }

  /** Runs the tool on the manifest. */
  run(args: readonly string[] = [], options: ToolOptions = {}) {
    const stdin = JSON.stringify(this.manifest);
    return tool('aot-sandbox', ['--no-configured-cache', ...args], { stdin, ...options });
  }
}
