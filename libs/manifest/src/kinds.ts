import { ArchivesManifest } from './schemas/archives.ts';
import { CommitManifest } from './schemas/commit.ts';
import { DeploymentManifest } from './schemas/deployment.ts';
import { ImageManifest } from './schemas/image.ts';
import { PackagesManifest } from './schemas/packages.ts';
import { RootfsManifest } from './schemas/rootfs.ts';

const schemas = {
  'aot.packages/v1': PackagesManifest,
  'aot.archives/v1': ArchivesManifest,
  'aot.rootfs/v1': RootfsManifest,
  'aot.commit/v1': CommitManifest,
  'aot.deployment/v1': DeploymentManifest,
  'aot.image/v1': ImageManifest,
} as const;

export type Kind = keyof typeof schemas;

export interface Manifests {
  'aot.packages/v1': PackagesManifest;
  'aot.archives/v1': ArchivesManifest;
  'aot.rootfs/v1': RootfsManifest;
  'aot.commit/v1': CommitManifest;
  'aot.deployment/v1': DeploymentManifest;
  'aot.image/v1': ImageManifest;
}

/** Every kind of manifest, in pipeline order. */
export const KINDS = Object.keys(schemas) as Kind[];

/** The schema of a kind. */
export const schemaOf = (kind: Kind) => schemas[kind];
