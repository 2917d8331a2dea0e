import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatStanzas, multiline, Stanza } from 'deb822';
import { buildDeb, controlStanza } from './build-deb.ts';
import { type Compression, compress, EXTENSION } from './compress.ts';
import { clearsign, detachedSignature, type SigningKey, signingKey } from './keys.ts';
import type { PackageSpec } from './package-spec.ts';
import { temporary } from './temporary.ts';

/** A package of an archive. */
export interface ArchivePackage extends PackageSpec {
  component?: string;
  /** These bytes instead of a .deb made from the specification. */
  raw?: Buffer;
  /** Listed, but not in the pool. */
  missing?: boolean;
  /** The pool's file has the listed size, but not the listed hash. */
  corrupt?: boolean;
  /** Phased-Update-Percentage, as Ubuntu has it. */
  phased?: number;
  /** What the index says of the package where that differs from its control file. */
  index?: Record<string, string | undefined>;
}

export interface ArchiveOptions {
  /** Where to; a temporary directory unless said. */
  directory?: string;
  /** Defaults: suite 'stable', codename 'testkit', origin and label 'Test Kit', component 'main', the machine's architecture. */
  suite?: string;
  codename?: string;
  origin?: string;
  label?: string;
  version?: string;
  components?: string[];
  architectures?: string[];
  packages: readonly ArchivePackage[];
  /** Now unless said. */
  date?: Date;
  /** Not there unless said; in the past makes the archive an expired one. */
  validUntil?: Date;
  /** True unless said. */
  byHash?: boolean;
  /** No suite and no components: everything beside Release. */
  flat?: boolean;
  /** Who signs: one key named 'archive' unless said, nobody for []. */
  signers?: SigningKey[];
  /** Whose keys stand in the .sources; the signers unless said. */
  signedBy?: SigningKey[];
  /** Only Release and Release.gpg. */
  detached?: boolean;
  fault?: 'truncated-index' | 'wrong-index-hash';
}

export interface Archive {
  directory: string;
  packages: BuiltPackage[];
  /** A .sources text for the archive at `uri`; file: unless said. */
  sources(uri?: string): string;
}

export interface BuiltPackage {
  name: string;
  version: string;
  architecture: string;
  /** Below the archive's root. */
  path: string;
  size: number;
  sha256: string;
}

interface Built extends BuiltPackage {
  component: string;
  stanza: Stanza;
}

/** Builds a signed archive with pool, indices and Release, in the shape of Debian's or flat. */
export async function buildArchive(options: ArchiveOptions): Promise<Archive> {
  const directory = options.directory ?? temporary();
  const signers = options.signers ?? [await signingKey()];
  const built: Built[] = [];
  for (const spec of options.packages) built.push(await addToPool(directory, spec));
  const release = options.flat ? '' : `dists/${options.codename ?? 'testkit'}`;
  const indices = await writeIndices(join(directory, release), built, options);
  await writeRelease(join(directory, release), releaseStanza(indices, options), signers, options);
  return {
    directory,
    packages: built.map(({ component: _, stanza: __, ...rest }) => rest),
    sources: (uri = `file:${directory}`) => sourcesText(uri, options.signedBy ?? signers, options),
  };
}

async function addToPool(directory: string, spec: ArchivePackage): Promise<Built> {
  const { name, version = '1.0-1', architecture = 'all', component = 'main' } = spec;
  const deb = spec.raw ?? (await buildDeb(spec));
  const path = `pool/${component}/${name[0]}/${name}/${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
  const fields = { size: deb.length, sha256: hash('sha256', deb) };
  if (!spec.missing) write(join(directory, path), spec.corrupt ? flipped(deb) : deb);
  const stanza = indexStanza(spec, { Filename: path, Size: String(deb.length), SHA256: fields.sha256 });
  return { name, version, architecture, component, path, ...fields, stanza };
}

/** The index describes the package that was asked for, also where the control file within lies. */
function indexStanza(spec: ArchivePackage, more: Record<string, string>): Stanza {
  const phased = spec.phased === undefined ? {} : { 'Phased-Update-Percentage': String(spec.phased) };
  const truth = { Package: spec.name, Version: spec.version ?? '1.0-1', Architecture: spec.architecture ?? 'all' };
  const fields = { ...Object.fromEntries(controlStanza(spec)), ...truth, ...more, ...phased, ...spec.index };
  return new Stanza(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
}

async function writeIndices(root: string, built: Built[], options: ArchiveOptions): Promise<Map<string, Buffer>> {
  const indices = new Map<string, Buffer>();
  const add = async (path: string, of: Built[]) => {
    const text = Buffer.from(formatStanzas(of.map(({ stanza }) => stanza)));
    for (const how of ['none', 'gz', 'xz'] as Compression[])
      indices.set(`${path}${EXTENSION[how]}`, await compress([text] as never, how));
  };
  if (options.flat) await add('Packages', built);
  else
    for (const component of options.components ?? ['main'])
      for (const architecture of options.architectures ?? [hostArchitecture()])
        await add(
          `${component}/binary-${architecture}/Packages`,
          built.filter((p) => p.component === component && [architecture, 'all'].includes(p.architecture)),
        );
  for (const [path, bytes] of indices) {
    const content = options.fault === 'truncated-index' ? bytes.subarray(0, bytes.length >> 1) : bytes;
    write(join(root, path), content);
    if (options.byHash !== false && !options.flat)
      write(join(root, dirname(path), 'by-hash/SHA256', hash('sha256', bytes)), content);
  }
  return indices;
}

function releaseStanza(indices: Map<string, Buffer>, options: ArchiveOptions): Stanza {
  const sums = [...indices].map(([path, bytes]) => {
    const seen = options.fault === 'wrong-index-hash' ? flipped(bytes) : bytes;
    return ` ${hash('sha256', seen)} ${bytes.length} ${path}`;
  });
  const fields: Record<string, string | undefined> = {
    Origin: options.origin ?? 'Test Kit',
    Label: options.label ?? 'Test Kit',
    Suite: options.suite ?? 'stable',
    Version: options.version ?? '1',
    Codename: options.codename ?? 'testkit',
    Date: (options.date ?? new Date()).toUTCString(),
    'Valid-Until': options.validUntil?.toUTCString(),
    'Acquire-By-Hash': options.byHash === false || options.flat ? undefined : 'yes',
    Architectures: (options.architectures ?? [hostArchitecture()]).join(' '),
    Components: options.flat ? undefined : (options.components ?? ['main']).join(' '),
    SHA256: `\n${sums.join('\n')}`,
  };
  return new Stanza(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined));
}

async function writeRelease(root: string, stanza: Stanza, signers: SigningKey[], options: ArchiveOptions) {
  const text = stanza.toString();
  write(join(root, 'Release'), Buffer.from(text));
  if (signers.length === 0) return;
  write(join(root, 'Release.gpg'), Buffer.from(await detachedSignature(text, signers)));
  if (!options.detached) write(join(root, 'InRelease'), Buffer.from(await clearsign(text, signers)));
}

function sourcesText(uri: string, keys: readonly SigningKey[], options: ArchiveOptions): string {
  return new Stanza([
    ['Types', 'deb'],
    ['URIs', uri],
    ['Suites', options.flat ? './' : (options.codename ?? 'testkit')],
    ...(options.flat ? [] : [['Components', (options.components ?? ['main']).join(' ')] as const]),
    ...(keys.length > 0 ? [['Signed-By', multiline(keys.map((key) => key.armored).join(''))] as const] : []),
  ]).toString();
}

/** Debian's name of the architecture that Node runs on. */
export function hostArchitecture(): string {
  const names: Record<string, string> = {
    x64: 'amd64',
    arm64: 'arm64',
    ia32: 'i386',
    ppc64: 'ppc64el',
    s390x: 's390x',
  };
  return names[process.arch] ?? process.arch;
}

function write(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const hash = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

/** The same number of bytes, the middle one another. */
function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy.writeUInt8((copy[copy.length >> 1] as number) ^ 1, copy.length >> 1);
  return copy;
}
