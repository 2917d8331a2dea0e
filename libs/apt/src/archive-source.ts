/** One suite of one archive, as apt's deb822 sources describe it. See sources.list(5). */
export interface ArchiveSource {
  /** Name without any host in it; the same for every suite that one entry lists. */
  id: string;
  uris: string[];
  /** As the source names it; ends in a slash for a flat archive. */
  suite: string;
  /** Empty for a flat archive. */
  components: string[];
  /** Only these, where the source says so. */
  architectures?: string[];
  /** Absolute path of a key ring, a fingerprint, or an ASCII-armoured key; apt's trusted keys without it. */
  signedBy?: string;
  /** Further deb822 fields that matter to verification, by their canonical name. */
  options: Record<string, string>;
}

/** Fields that are taken over into the private root. */
export const SOURCE_OPTIONS = [
  'Trusted',
  'Check-Valid-Until',
  'Valid-Until-Min',
  'Valid-Until-Max',
  'Check-Date',
  'Date-Max-Future',
  'By-Hash',
  'InRelease-Path',
] as const;

/** Fields that would switch verification off; no source of ours may carry them. */
export const INSECURE_OPTIONS = ['Allow-Insecure', 'Allow-Weak', 'Allow-Downgrade-To-Insecure'] as const;

/** The keys of a flattened treefile that say where packages come from. */
export interface SourcesTreefile {
  repos?: string[];
  'lockfile-repos'?: string[];
  'trusted-repos'?: string[];
  'machine-repos'?: boolean;
  repovars?: Record<string, string>;
  releasever?: string | number;
  basearch?: string;
}
