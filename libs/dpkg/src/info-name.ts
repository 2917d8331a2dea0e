export interface PackageName {
  name: string;
  architecture: string;
  /** The Multi-Arch field, or `no`. */
  multiArch: string;
}

/**
 * How dpkg names a package's files below info/: with the architecture only where several may be installed side by side,
 * `libc6:amd64.list` but `bash.list` (dpkg's pkg_infodb, format 1).
 */
export const infoName = (p: PackageName): string => (p.multiArch === 'same' ? `${p.name}:${p.architecture}` : p.name);

/** dpkg's directory of such files, below the root. */
export const INFO = 'var/lib/dpkg/info';
