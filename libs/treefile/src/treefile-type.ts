/** An answer to a debconf question, as debconf-set-selections(1) wants it. */
export interface DebconfAnswer {
  package: string;
  type: string;
  value: string;
}

/** check-passwd and check-groups; `filename` is below the source root. */
export type PasswdCheck =
  | { type: 'none' }
  | { type: 'previous' }
  | { type: 'file'; filename: string }
  | { type: 'data'; entries: Record<string, number | number[]> };

type Metadata = 'inline' | 'detached' | 'disabled';

/**
 * The flattened treefile: what was set, in one form each. Paths of files are below the source root, `packages` are
 * sorted requests for parsePackageRequest, `repos` have their endings.
 */
export type Treefile = {
  edition?: '2014' | '2024';
  ref?: string;
  metadata?: Record<string, unknown>;
  basearch: string;
  repovars?: Record<string, string>;
  repos?: string[];
  'lockfile-repos'?: string[];
  'trusted-repos'?: string[];
  'machine-repos'?: boolean;
  selinux?: false;
  'ignore-devices'?: boolean;
  sysusers?: 'compose-auto' | 'compose-forced';
  'gpg-key'?: string;
  packages?: string[];
  'repo-packages'?: { repo: string; packages: string[] }[];
  'exclude-packages'?: string[];
  'ostree-layers'?: string[];
  'ostree-override-layers'?: string[];
  container?: boolean;
  recommends?: boolean;
  documentation?: boolean;
  'install-langs'?: string[];
  'initramfs-args'?: string[];
  'no-initramfs'?: boolean;
  'readonly-executables'?: boolean;
  'boot-location'?: 'modules';
  'tmp-is-dir'?: boolean;
  'opt-usrlocal'?: 'var' | 'root' | 'state-overlay';
  units?: string[];
  'default-target'?: string;
  'machineid-compat'?: boolean;
  releasever?: string | number;
  'automatic-version-prefix'?: string;
  'automatic-version-suffix'?: string;
  'mutate-os-release'?: string;
  'etc-group-members'?: string[];
  'preserve-passwd'?: boolean;
  'check-passwd'?: PasswdCheck;
  'check-groups'?: PasswdCheck;
  'ignore-removed-users'?: string[];
  'ignore-removed-groups'?: string[];
  'postprocess-script'?: string;
  postprocess?: string[];
  'add-files'?: [source: string, target: string][];
  'remove-files'?: string[];
  'remove-from-packages'?: [package_: string, ...patterns: string[]][];
  'add-commit-metadata'?: Record<string, unknown>;
  'repo-metadata'?: Metadata;
  'advisories-metadata'?: 'disabled';
  'container-cmd'?: string[];
  cliwrap?: boolean;
  'cliwrap-binaries'?: ('apt' | 'dpkg')[];
  debconf?: Record<string, DebconfAnswer>;
  stages?: Record<string, string[]>;
  'base-image'?: string;
};

/** Keys that mean nothing when they are left out. */
type Optional =
  | 'edition'
  | 'ref'
  | 'repos'
  | 'gpg-key'
  | 'install-langs'
  | 'default-target'
  | 'releasever'
  | 'automatic-version-prefix'
  | 'mutate-os-release'
  | 'postprocess-script'
  | 'container-cmd'
  | 'cliwrap-binaries';

/** The treefile with its defaults: lists and maps are there, perhaps empty. */
export type CompleteTreefile = Pick<Treefile, Optional> & Required<Omit<Treefile, Optional>>;
