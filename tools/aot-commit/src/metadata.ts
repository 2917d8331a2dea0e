import { AotError } from '@apt-ostree/errors';
import { type CommitManifest, canonicalJson, type RootfsManifest, sha256 } from '@apt-ostree/manifest';
import { byBytes, type CommitInfo, type CommitMetadata, fromJson, type Tree, type Variant } from '@apt-ostree/ostree';
import { readText } from '@apt-ostree/run';
import { installedPackages } from './installed.ts';
import { inherited, layerMetadata } from './layer-metadata.ts';
import type { Settings } from './settings.ts';

export interface MetadataInputs {
  manifest: RootfsManifest;
  settings: Settings;
  inputHash: string;
  version: string | null;
  /** What the tree consists of. */
  packages: CommitManifest['packages'];
  /** What a layer builds on. */
  base?: CommitInfo | undefined;
  /** The kernel's version; undefined for a tree that is not booted. */
  kver: string | undefined;
  /** --add-metadata-string, as KEY=VALUE. */
  strings: readonly string[];
  /** --add-metadata-from-json. */
  json: string | undefined;
}

/**
 * What a commit says of itself: its version, that it boots, what it was made of. Keys are sorted; what the user adds comes
 * over ours.
 */
export function commitMetadata(inputs: MetadataInputs): CommitMetadata {
  const { manifest, settings, kver, version, base } = inputs;
  const all: CommitMetadata = {
    ...(base === undefined ? {} : inherited(base)),
    'aptostree.inputhash': { type: 's', value: inputs.inputHash },
    'aptostree.packages': {
      type: 'a(sssss)',
      value: inputs.packages.map((p) => [p.name, p.version, p.architecture, p.sourcePackage, p.sourceVersion]),
    },
    ...(base === undefined
      ? { 'aptostree.treefile': { type: 's', value: canonicalJson(manifest.treefile) } as const }
      : {}),
    'aptostree.scripts-digest': { type: 's', value: scriptsDigest(manifest) },
    ...(settings.repoMetadata === 'inline' ? { 'aptostree.indices': indices(manifest) } : {}),
    ...(version === null ? {} : { version: { type: 's', value: version } as const }),
    ...(kver === undefined
      ? {}
      : {
          'ostree.bootable': { type: 'b', value: true } as const,
          'ostree.linux': { type: 's', value: kver } as const,
        }),
    ...(base === undefined ? {} : layerMetadata(manifest, base, inputs.packages)),
    ...fromObject(settings.commitMetadata),
    ...fromObject(readJson(inputs.json)),
    ...Object.fromEntries(inputs.strings.map(keyValue)),
  };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => byBytes(a, b)));
}

/** The packages as commit and manifest list them: by name and architecture. */
export const committedPackages = (manifest: RootfsManifest, tree: Tree): CommitManifest['packages'] =>
  manifest.base === undefined ? listed(manifest) : installedPackages(tree);

export const listed = (manifest: RootfsManifest): CommitManifest['packages'] =>
  manifest.packages.map(({ name, version, architecture, sourcePackage, sourceVersion }) => ({
    name,
    version,
    architecture,
    sourcePackage,
    sourceVersion,
  }));

/**
 * The digest of the script record without its times, and without what was printed, which may be full of them: the same
 * scripts with the same effects give the same one.
 */
export const scriptsDigest = (manifest: RootfsManifest): string =>
  sha256(canonicalJson(manifest.scripts.map(({ durationMs: _, output: __, ...rest }) => rest)));

/** Which archive indices vouched for the packages. */
export const indices = (manifest: RootfsManifest): Variant => ({
  type: 'aa{sv}',
  value: manifest.indices.map((i) => ({
    id: { type: 's', value: i.id },
    suite: { type: 's', value: i.suite },
    timestamp: { type: 't', value: i.date },
    ...(i.validUntil === null ? {} : { 'valid-until': { type: 't', value: i.validUntil } as const }),
    sha256: { type: 's', value: i.sha256 },
  })),
});

const fromObject = (object: Record<string, unknown>): CommitMetadata =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fromJson(value)]));

function keyValue(word: string): [string, Variant] {
  const at = word.indexOf('=');
  if (at < 1)
    throw new AotError('usage', `option '--add-metadata-string' cannot be '${word}'`, { hint: 'give KEY=VALUE' });
  return [word.slice(0, at), { type: 's', value: word.slice(at + 1) }];
}

function readJson(file: string | undefined): Record<string, unknown> {
  if (file === undefined) return {};
  const text = readText(file);
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new AotError('data', `cannot use '${file}': it is not one JSON object`);
}
