import { type ImageManifestDocument, MEDIA, SBOM_FORMS, type SbomSubject, type StoredManifest } from '@apt-ostree/oci';
import { type CommitInfo, openTree } from '@apt-ostree/ostree';
import { version } from '../package.json';
import { dateOf } from './labels.ts';
import { asManifest, type StoredDocument, store, storeBytes } from './manifest.ts';
import { directories, type Planning } from './plan.ts';
import { dataEntry, directoryEntry, type PlannedLayer } from './planned.ts';

export type SbomForm = keyof typeof SBOM_FORMS;

/** A bill of materials: as a layer with one file, and as a blob to be attached. */
export interface Sbom {
  layer: PlannedLayer;
  blob: StoredDocument;
}

/** Lists what dpkg says is installed. */
export function makeSbom(form: SbomForm, planning: Planning, commit: CommitInfo, name: string): Sbom {
  const { mediaType, path, write } = SBOM_FORMS[form];
  const bytes = write(subjectOf(planning.repo, commit, name), planning.ownership.packages);
  const entries = [...leadingTo(path, planning), dataEntry(path, bytes)];
  return {
    layer: { id: 'sbom', packages: [], title: 'list of packages', entries, weight: 0 },
    blob: storeBytes(bytes, mediaType),
  };
}

/** Directories as the tree has them, and of root where it has not. */
function leadingTo(path: string, { repo, tree }: Planning) {
  const directory = directories(repo);
  const names = path.split('/').slice(0, -1);
  return ['', ...names.map((_, i) => names.slice(0, i + 1).join('/'))].map((leading) => {
    const entry = tree.entries.find((e) => e.path === leading);
    return entry?.type === 'directory' ? directory(leading, entry.meta) : directoryEntry(leading);
  });
}

function subjectOf(repo: string, commit: CommitInfo, name: string): SbomSubject {
  const release = osRelease(repo, commit.checksum);
  return {
    name,
    version: commit.version,
    digest: commit.checksum,
    timestamp: commit.timestamp,
    vendor: release['ID'] ?? 'debian',
    suite: release['VERSION_CODENAME'],
    tool: { name: 'apt-ostree', version },
  };
}

/** os-release(5). */
function osRelease(repo: string, commit: string): Record<string, string> {
  const bytes = openTree(repo, commit).read('usr/lib/os-release') ?? new Uint8Array(0);
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, key, value] = /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, value ?? '']];
    }),
  );
}

/** What refers to an image and carries its list of packages (OCI image specification, "Guidelines for Artifact Usage"). */
export function sbomArtifact({ blob }: Sbom, image: StoredManifest, commit: CommitInfo): ArtifactParts {
  const config = store({}, MEDIA.empty);
  const document: ImageManifestDocument = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType: blob.descriptor.mediaType,
    config: config.descriptor,
    layers: [blob.descriptor],
    subject: { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length },
    annotations: { 'org.opencontainers.image.created': dateOf(commit) },
  };
  return { blobs: [config, blob], manifest: asManifest(store(document, MEDIA.manifest)) };
}

interface ArtifactParts {
  blobs: readonly StoredDocument[];
  manifest: StoredManifest;
}
